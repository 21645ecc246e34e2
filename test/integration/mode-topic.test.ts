import { MqttLink } from '../../src/adapters/mqtt/mqtt-link';
import { topicsOf } from '../../src/core/topics';
import type { Drop } from '../../src/core/telemetry/drop';
import type { ModeChange } from '../../src/domain/telemetry';
import { listen } from '../support/listener';
import { describeWithBroker, startBroker } from '../support/mosquitto';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';

const topics = topicsOf('fdir', 'TINY-1');

describeWithBroker('the operating mode', () => {
  test('arrives with its time, and what is none is dropped and the rest goes on', async () => {
    const broker = await startBroker();
    const listener = await listen(broker.url);
    const link = new MqttLink({
      url: broker.url,
      clientId: 'modes',
      topics,
      parameters: new Set<string>(),
      now: () => T0,
      maxLeadMs: 60_000,
      onConnect: () => undefined,
      onTrouble: () => undefined,
    });
    const modes: ModeChange[] = [];
    const drops: Drop[] = [];
    link.arrivals$.subscribe((arrival) => {
      modes.push(...(arrival.modes ?? []));
      drops.push(...arrival.drops);
      arrival.acknowledge();
    });
    try {
      link.start();
      await until('the subscription to work', async () => {
        await listener.publish(topics.mode, JSON.stringify({ time: T0 / 1000, mode: 'SLEW' }));
        return modes.length > 0;
      });
      await listener.publish(topics.mode, 'SLEW');
      await listener.publish(topics.mode, JSON.stringify({ time: T0 / 1000 + 4, mode: 'HOLD' }));
      await until('the last mode', () => modes.at(-1)?.mode === 'HOLD');
      expect({ first: modes[0], last: modes.at(-1), drops: drops.map(({ reason }) => reason) }).toEqual({
        first: { time: T0, mode: 'SLEW' },
        last: { time: T0 + 4000, mode: 'HOLD' },
        drops: ['malformed'],
      });
    } finally {
      await link.stop();
      await listener.close();
      await broker.stop();
    }
  });
});
