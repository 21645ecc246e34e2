/** What the broker kept is old: an order of it is not obeyed, and a number without a time is no sample of now. */
import { connectAsync } from 'mqtt';
import type { Health } from '../../src/domain/health';
import type { Reply } from '../../src/domain/requests';
import { DaemonWorld, ROOT } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { until } from '../support/until';

const TIMEOUT_MS = 60_000;

describeWithBroker('a message that the broker kept', () => {
  let world: DaemonWorld;
  beforeEach(async () => {
    world = await DaemonWorld.open();
    world.configure({ mode: 'passive', model: undefined, rules: undefined });
  });
  afterEach(() => world.close());

  const retain = async (topic: string, payload: string): Promise<void> => {
    const client = await connectAsync(world.broker.url, { protocolVersion: 5 });
    await client.publishAsync(`${ROOT}/${topic}`, payload, { qos: 1, retain: true });
    await client.endAsync();
  };
  const dropped = (reason: string): Promise<Health> =>
    world.health(`a drop as ${reason}`, (health) => (health.dropped[reason] ?? 0) > 0, 20_000);

  test(
    'is no order: the daemon stays passive at every start, and says so',
    async () => {
      await retain('request/action-state', JSON.stringify({ by: 'bob', state: 'active' }));
      await world.start('passive');
      await dropped('retained');
      const replies = () => world.documents<Reply>('response/action-state');
      await until('the refusal', () => replies().length > 0);
      expect(replies().map(({ ok }) => ok)).toEqual([false]);
      expect(replies()[0]?.message).toMatch(/retained order is not obeyed/);
      expect(world.on('state')).not.toContain('online');
    },
    TIMEOUT_MS,
  );

  test(
    'is no sample of now when it is a bare number; with a time it counts',
    async () => {
      await retain('tm/rw0_speed', '-9999');
      await world.start('passive');
      const health = await dropped('not-live');
      expect(health.dropped['not-live']).toBe(1);
      expect(world.on('check')).toEqual([]);
      await world.listener.publish(`${ROOT}/tm/rw0_speed`, '1.5');
      await until('the live number', () => world.documents<Health>('health').at(-1)?.lastMessageAgeSeconds !== null);
      expect(world.documents<Health>('health').at(-1)?.dropped).toEqual({ 'not-live': 1 });
    },
    TIMEOUT_MS,
  );
});
