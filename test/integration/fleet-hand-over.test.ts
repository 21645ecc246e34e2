/** What comes while a part of a fleet is handed over: it stays at the broker, and the next owner judges it once. */
import type { Broker } from '../../src/bench/mosquitto';
import type { FleetPart } from '../../src/compose/fleet/fleet-part';
import { startTestPart, type TestPart } from '../support/fleet-part';
import { fly, listenToFleet, type FleetListener } from '../support/fleet-world';
import { describeWithBroker, startBroker } from '../support/mosquitto';
import { startRelay, type Relay } from '../support/relay';
import { until } from '../support/until';
import { PACKET } from '../support/wire';
import { makeWorkspace, type Workspace } from '../support/workspace';

const SPACECRAFT = 'SAT-1';
const TELEMETRY = `fdir/${SPACECRAFT}/tm`;
/** Judged and committed before anything is handed over. */
const BEFORE = 10;

describeWithBroker('a part of a fleet that is handed over', () => {
  let broker: Broker;
  let relay: Relay;
  let workspace: Workspace;
  let listener: FleetListener;
  /** Of the session that telemetry comes on: frames that the broker handed over, and acknowledgements. */
  let passed: { handed: number; again: number; acknowledged: number };
  /** Each ends one owner. */
  let ends: (() => Promise<void>)[];

  beforeEach(async () => {
    broker = await startBroker();
    [passed, ends] = [{ handed: 0, again: 0, acknowledged: 0 }, []];
    relay = await startRelay(broker.port, (clientId, _connection, isFromBroker, { type, topic, isAgain }) => {
      if (!clientId.endsWith('-p0')) return;
      if (isFromBroker && type === PACKET.publish && topic === TELEMETRY) {
        passed.handed += 1;
        if (isAgain) passed.again += 1;
      }
      if (!isFromBroker && type === PACKET.puback) passed.acknowledged += 1;
    });
    workspace = await makeWorkspace();
    listener = await listenToFleet(broker.url);
  });

  afterEach(async () => {
    for (const end of ends) await end();
    await listener.stop();
    await relay.close();
    await broker.stop();
    workspace.remove();
  });

  /** An owner of the part. @param beforeCommit what each of its commits waits for. */
  const takePart = async (beforeCommit?: () => Promise<void>): Promise<TestPart> => {
    const options = { url: relay.url, spacecraft: [SPACECRAFT] };
    const owner = await startTestPart(workspace, { ...options, ...(beforeCommit !== undefined && { beforeCommit }) });
    ends.push(() => owner.host.stop());
    return owner;
  };

  /** Resolves when the part has dealt with everything that the broker handed over before: the answer comes behind it. */
  const caughtUp = async (part: FleetPart): Promise<void> => {
    await part.link.publish('fdir/fleet/probe', '');
  };

  test('leaves a frame that comes during its last commit to the next owner, who judges it once', async () => {
    let commitsWait = Promise.resolve();
    const first = await takePart(() => commitsWait);
    await fly(listener, [SPACECRAFT], { to: BEFORE });
    await until('the frames to be acknowledged', () => passed.acknowledged === BEFORE);

    let letCommit: () => void = () => undefined;
    commitsWait = new Promise((resolve) => {
      letCommit = resolve;
    });
    await fly(listener, [SPACECRAFT], { from: BEFORE, to: BEFORE + 1 });
    await until('the broker to hand it over', () => passed.handed === BEFORE + 1);
    await caughtUp(first.part);
    await until('it to be judged', () => first.host.queue.isEmpty(SPACECRAFT) && first.host.queue.isIdle(SPACECRAFT));
    const left = first.part.stop();
    await fly(listener, [SPACECRAFT], { from: BEFORE + 1, to: BEFORE + 2 });
    await until('the broker to hand the late one over', () => passed.handed === BEFORE + 2);
    await caughtUp(first.part);
    letCommit();
    await left;
    // Acknowledgements leave in order: a late frame that was let go would be acknowledged right behind the last commit.
    expect(passed).toEqual({ handed: BEFORE + 2, again: 0, acknowledged: BEFORE + 1 });

    const second = await takePart();
    await until('the late frame to be acknowledged', () => passed.acknowledged === BEFORE + 2);
    expect(passed).toEqual({ handed: BEFORE + 3, again: 1, acknowledged: BEFORE + 2 });
    expect(second.part.units.get(SPACECRAFT)?.status.tally).toMatchObject({ frames: BEFORE + 2, dropped: {} });
    await second.part.stop();
  });
});
