/** A part of a fleet put together by hand, with a log that a test can hold up or damage. */
import { createLogger } from '../../src/adapters/host/logger';
import { steadyClock } from '../../src/adapters/host/system-clock';
import type { FleetLog } from '../../src/adapters/log/fleet-log';
import { LastingFleetLog } from '../../src/adapters/log/lasting-fleet-log';
import { partitionSession } from '../../src/adapters/mqtt/fleet-link';
import { asFleetLog } from '../../src/compose/fleet/file-log';
import { FleetHost } from '../../src/compose/fleet/fleet-host';
import { FleetPart } from '../../src/compose/fleet/fleet-part';
import { loadFleet } from '../../src/config/load-fleet';
import { writeFleet } from './fleet-world';
import { until } from './until';
import type { Workspace } from './workspace';

export interface TestPart {
  readonly host: FleetHost;
  readonly part: FleetPart;
  readonly file: LastingFleetLog;
}

export interface TestPartOptions {
  readonly url: string;
  readonly spacecraft: readonly string[];
  /** What each commit waits for. */
  readonly beforeCommit?: () => Promise<void>;
}

/** It is subscribed. The caller stops first the part, then the host. */
export const startTestPart = async (
  workspace: Workspace,
  { url, spacecraft, beforeCommit = () => Promise.resolve() }: TestPartOptions,
): Promise<TestPart> => {
  const clock = steadyClock();
  const onBroken = (error: unknown): void => {
    throw error;
  };
  const loaded = loadFleet(writeFleet(workspace, url, { spacecraft: `[${spacecraft.join(', ')}]` }));
  const host = new FleetHost(loaded, { clock, logger: createLogger('silent'), onBroken }, null);
  await host.start();
  const now = (): number => clock.now();
  const file = new LastingFleetLog(workspace.path('fleet.db'), { now, chainKey: undefined, onBegun: onBroken });
  const kept = asFleetLog(file);
  const log: FleetLog = {
    ...kept,
    commit: async (batch, settled) => {
      await beforeCommit();
      await kept.commit(batch, settled);
    },
  };
  let isSubscribed = false;
  const part = new FleetPart({
    ...host.partOptions(),
    log,
    sessions: [partitionSession('fdir', host.clientId, 0, spacecraft)],
    mayLeave: () => true,
    onLost: onBroken,
    onSubscribed: () => {
      isSubscribed = true;
    },
  });
  host.parts.set(0, part);
  await part.start(host.assignments);
  await until('the session of the part', () => isSubscribed);
  return { host, part, file };
};
