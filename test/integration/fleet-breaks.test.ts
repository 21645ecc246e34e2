/** A judgement that throws: what becomes of that spacecraft, of what waited for it, and of the others. */
import { createLogger } from '../../src/adapters/host/logger';
import { openFleetLog, type SqliteFleetLog } from '../../src/adapters/log/sqlite-fleet-log';
import type { FleetLog } from '../../src/adapters/log/fleet-log';
import { assign, closeMembers, startMembers, type RunningMember } from '../../src/compose/fleet/members';
import { UnitSet } from '../../src/compose/fleet/unit-set';
import { loadFleet } from '../../src/config/load-fleet';
import type { PartialFrame } from '../../src/domain/telemetry';
import { arrivalOf } from '../../src/pipeline/arrival';
import { FairQueue } from '../../src/pipeline/fair-queue';
import type { Arrival } from '../../src/pipeline/ports';
import { writeFleet } from '../support/fleet-world';
import { T0, tinyValues } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

/** So often in a row, and it is left alone. */
const BREAKS = 5;

let workspace: Workspace;
let log: SqliteFleetLog;
let running: readonly RunningMember[];
let set: UnitSet;
let queue: FairQueue;
let judged: string[];
let states: Map<string, string>;
let acknowledged: string[];

beforeEach(async () => {
  workspace = await makeWorkspace();
  const loaded = loadFleet(writeFleet(workspace, 'mqtt://127.0.0.1:1', { spacecraft: '[SAT-1, SAT-2]' }));
  running = await startMembers(loaded);
  log = openFleetLog(workspace.path('fleet.db'), { now: () => T0, chainKey: undefined });
  [judged, states, acknowledged] = [[], new Map(), []];
  queue = new FairQueue({
    ...{ most: 8, laneBound: 16, mayLetGo: () => false },
    admit: (name, arrival) => {
      set.units.get(name)?.take(arrival);
    },
  });
  set = new UnitSet({
    config: loaded.config,
    log: {
      restore: (subjects) =>
        new Map([...subjects].map(([name, subject]) => [name, log.restoreSpacecraft(name, subject)])),
    } as Pick<FleetLog, 'restore'> as FleetLog,
    queue,
    logger: createLogger('silent'),
    isFresh: false,
    now: () => T0,
    settle: () => Promise.resolve(),
    onBegun: () => undefined,
    onVital: () => undefined,
    onState: ({ spacecraft, status }) => states.set(spacecraft, status.state),
    onOutcome: (unit, outcome) => {
      judged.push(unit.spacecraft);
      outcome.acknowledge();
      set.worked(unit);
      queue.release(unit.spacecraft);
    },
  });
  await set.assign(assign(loaded.members, running));
});

afterEach(async () => {
  log.close();
  await closeMembers(running);
  workspace.remove();
});

const put = (name: string, label: string, frame: PartialFrame): void => {
  const acknowledge = (): void => void acknowledged.push(label);
  queue.put(name, arrivalOf({ frames: [frame], receivedAt: T0, acknowledge }) satisfies Arrival);
};
const good = (index: number): PartialFrame => ({ time: T0 + index * 1000, values: tinyValues(index) });
/** Nothing that a message can hold: a defect of the judgement. */
const poisoned = (): PartialFrame => ({
  get time(): number {
    throw new Error('a defect');
  },
  values: {},
});

test('one that breaks once begins again, what waited for it is judged, and the other never notices', async () => {
  put('SAT-1', 'poison', poisoned());
  put('SAT-1', 'after it', good(0));
  put('SAT-2', 'other', good(0));
  await until('all of it to be acknowledged', () => acknowledged.length === 3);
  expect(new Set(acknowledged)).toEqual(new Set(['poison', 'after it', 'other']));
  expect([...judged].sort()).toEqual(['SAT-1', 'SAT-2']);
  expect([...states.values()]).not.toContain('degraded');
});

test('one that breaks again and again is degraded alone, and holds nothing back from the broker', async () => {
  for (let index = 0; index < BREAKS; index += 1) put('SAT-1', `poison ${String(index)}`, poisoned());
  put('SAT-1', 'after it', good(0));
  await until('it to be degraded', () => states.get('SAT-1') === 'degraded');
  await until('everything to be acknowledged', () => acknowledged.length === BREAKS + 1);
  put('SAT-2', 'other', good(0));
  await until('the other to be judged', () => judged.includes('SAT-2'));
  expect({ judged, isKnown: set.units.has('SAT-1'), other: states.get('SAT-2') }).toEqual({
    judged: ['SAT-2'],
    isKnown: false,
    other: 'online',
  });
});
