/** `npm run bench`: measures what can be measured on one machine. One JSON document on stdout, progress on stderr. */
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { describeError, exitStatus, FdirError } from '../domain/errors';
import { benchConsole } from './console';
import { benchBurst } from './burst';
import { benchFleet } from './fleet';
import { benchFrames } from './frames';
import { benchHistory } from './history';
import { benchKills } from './kills';
import { benchLatency } from './latency';
import { benchLivePage } from './live-page';
import { benchLog } from './log';
import { benchMemory } from './memory';
import { benchOnBoard } from './on-board';
import { isMosquittoInstalled } from './mosquitto';
import { benchNotify } from './notify';
import { benchPackets } from './packets';
import { benchPacketReplay } from './packet-replay';
import { benchRecoveries } from './recoveries';
import { benchReplay } from './replay';
import { benchRules } from './rules';
import { benchSoak } from './soak';
import { benchStartup } from './startup';
import { openWorkshop, type Workshop } from './workshop';

interface Bench {
  readonly needsBroker: boolean;
  readonly run: (workshop: Workshop) => Promise<object>;
}

const BENCHES: ReadonlyMap<string, Bench> = new Map([
  ['replay', { needsBroker: false, run: benchReplay }],
  ['frames', { needsBroker: false, run: benchFrames }],
  ['history', { needsBroker: false, run: benchHistory }],
  ['latency', { needsBroker: true, run: benchLatency }],
  ['memory', { needsBroker: true, run: benchMemory }],
  ['burst', { needsBroker: true, run: benchBurst }],
  ['kills', { needsBroker: true, run: benchKills }],
  ['soak', { needsBroker: true, run: benchSoak }],
  ['on-board', { needsBroker: true, run: benchOnBoard }],
  ['console', { needsBroker: true, run: benchConsole }],
  ['live-page', { needsBroker: false, run: benchLivePage }],
  ['startup', { needsBroker: true, run: benchStartup }],
  ['fleet', { needsBroker: true, run: benchFleet }],
  ['log', { needsBroker: false, run: benchLog }],
  ['recoveries', { needsBroker: false, run: benchRecoveries }],
  [
    'packets',
    {
      needsBroker: false,
      run: async (workshop) => ({ ...benchPackets(), replay: await benchPacketReplay(workshop) }),
    },
  ],
  ['notify', { needsBroker: false, run: benchNotify }],
  ['rules', { needsBroker: false, run: ({ loaded }) => Promise.resolve(benchRules(loaded.mission)) }],
]);
const NAMES = [...BENCHES.keys()];

const report = (line: string): void => void process.stderr.write(`${line}\n`);

const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${platform()} ${arch()}`,
  node: process.version,
  /** Others at work when the bench began: above 0.5 a core the figures are not worth much. */
  loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
});

/** @throws FdirError `usage` when a name is none of the benches. */
const chosen = (): readonly string[] => {
  const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
  const names = only === undefined ? NAMES : only.split(',');
  const unknown = names.filter((name) => !BENCHES.has(name));
  if (unknown.length > 0) throw new FdirError('usage', `--only ${unknown.join(',')}: there are ${NAMES.join(', ')}`);
  return names;
};

const main = async (): Promise<void> => {
  const names = chosen();
  const described = machine();
  const workshop = openWorkshop(report);
  const results: Record<string, object> = {};
  try {
    for (const name of names) {
      const bench = BENCHES.get(name);
      if (bench === undefined) continue;
      const canRun = isMosquittoInstalled || !bench.needsBroker;
      results[name] = canRun ? await bench.run(workshop) : { skipped: 'mosquitto is not installed' };
    }
  } finally {
    workshop.remove();
  }
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, machine: described, results }, undefined, 2)}\n`);
};

main().catch((error: unknown) => {
  report(`bench: ${describeError(error)}`);
  // Leaves at once: what the bench has started ends with it.
  process.exit(exitStatus(error));
});
