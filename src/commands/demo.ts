/** `fdir demo`: a broker, the daemon and a recorded pass with faults, in one process; then a readable account of it all. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import type { Command } from 'commander';
import { readLabels } from '../adapters/passes/label-reader';
import { createLogger } from '../adapters/host/logger';
import { packageRoot } from '../adapters/host/package-root';
import { systemClock } from '../adapters/host/system-clock';
import { composeDemo, type DemoOutcome } from '../compose/demo';
import { loadConfig, type LoadedConfig } from '../config/load-config';
import { formatProblem } from '../domain/errors';
import type { RecoveryRequest } from '../domain/events';
import type { Explanation } from '../domain/explanation';
import { writeLine } from './output';
import { createLiveLine } from './live-line';
import { headline, renderAccount } from './render/account';
import { compareWithLabels, renderComparison } from './render/comparison';
import { lookOf, type Look } from './render/look';
import { percent, timeOfDay } from './render/text';

interface DemoCommandOptions {
  readonly log?: string;
  readonly stay?: boolean;
}

const PACKAGE = packageRoot();
const CONFIG = join(PACKAGE, 'rules/fdir.yaml');
const PASS = join(PACKAGE, 'telemetry-fixtures/several.csv');
const LABELS = join(PACKAGE, 'telemetry-fixtures/several.labels.csv');
/** Frames of the bundled pass: six hours at 4 s. */
const PASS_FRAMES = 5400;

/** How a person would start this program again, and name a file of the package, from where they are. */
const here = (path: string): string => {
  const name = relative(process.cwd(), path);
  return name.startsWith('..') ? path : name;
};
const invocation = (script = process.argv[1] ?? ''): string =>
  basename(script) === 'fdir' ? 'fdir' : `node ${here(script)}`;

/** What happens, as it happens, on stderr. */
const liveReport = ({ mission }: LoadedConfig) => {
  const line = createLiveLine(process.stderr, Date.now);
  const told = new Map<string, string>();
  const tell = (time: string, news: string, what: string): void => {
    line.print(`  ${timeOfDay(time)}  ${news.padEnd(5)}  ${what}`);
  };
  return {
    ...line,
    frames: (done: number): void => {
      line.draw(`  ${mission.spacecraft}`, done / PASS_FRAMES);
    },
    anomaly: (explanation: Explanation): void => {
      const { id, state, trigger, verdict, revisedAt } = explanation;
      const what = headline(mission, explanation);
      // Revisions that change nothing but the confidence would drown the rest.
      if (told.get(id) === what && state === 'open') return;
      told.set(id, what);
      const news = state === 'closed' ? 'over' : trigger === 'opened' ? 'found' : 'now';
      tell(revisedAt, news, `${what}, ${percent(verdict.confidence)}`);
    },
    action: ({ time, command }: RecoveryRequest): void => {
      tell(time, 'asks', command);
    },
  };
};

const accountLines = ({ mission }: LoadedConfig, { anomalies, actions }: DemoOutcome, look: Look): readonly string[] =>
  anomalies.flatMap((anomaly) => {
    const own = actions.filter(({ explanationId }) => explanationId === anomaly.id);
    return ['', ...renderAccount({ mission, explanation: anomaly, actions: own, look, options: { detail: 'brief' } })];
  });

/** A command that does not fit goes on after a backslash, ready to be copied. */
const broken = (command: string, width: number): readonly string[] => {
  const at = command.lastIndexOf(' --');
  return command.length <= width || at < 0 ? [command] : [`${command.slice(0, at)} \\`, `   ${command.slice(at)}`];
};

const nextLines = (logPath: string, first: Explanation | undefined, { paint, width }: Look): readonly string[] => {
  const fdir = invocation();
  const commands = [
    `${fdir} log list --log ${logPath}`,
    ...(first === undefined ? [] : [`${fdir} log show ${first.id} --log ${logPath}`]),
    `${fdir} replay ${here(join(PACKAGE, 'telemetry-fixtures/dropout.csv'))} --config ${here(CONFIG)}`,
    `${fdir} check --config ${here(CONFIG)}`,
    `${fdir} --help`,
  ];
  return [
    '',
    `The log is kept: ${logPath}`,
    '',
    'Try next',
    ...commands.flatMap((command) => broken(command, width - 2)).map((line) => `  ${paint('strong', line)}`),
  ];
};

/** Until Ctrl-C, or the service manager's word. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        resolve();
      });
  });

const demo = async ({ log, stay = false }: DemoCommandOptions): Promise<void> => {
  const loaded = loadConfig(CONFIG);
  const { mission, manifest, rules } = loaded;
  const live = liveReport(loaded);
  const look = lookOf(process.stdout, process.env);
  const logPath = log ?? join(mkdtempSync(join(tmpdir(), 'fdir-demo-')), 'explanations.db');
  const labels = existsSync(LABELS) ? await readLabels(LABELS) : [];
  live.print(`${mission.title ?? mission.spacecraft}: ${String(mission.parameters.length)} parameters`);
  live.print(`model ${manifest?.id ?? 'none'}, ${String(rules?.eventActions.length ?? 0)} rules; log ${logPath}`);
  let consoleUrl = '';
  const outcome = await composeDemo(loaded, {
    pass: PASS,
    logPath,
    clock: systemClock,
    logger: createLogger('error'),
    onStarted: (url) => {
      live.print(`broker at ${url}, daemon online`);
      live.print(`sending ${basename(PASS)}: six hours, ${String(labels.length)} faults, all within the limits`);
    },
    onConsole: (url) => {
      consoleUrl = url;
      live.print(`console at ${url} ${stay ? '' : 'until the pass is over (--stay: longer)'}`.trimEnd());
    },
    stay: async () => {
      if (!stay) return;
      live.print(`the pass is over; the console stays at ${consoleUrl} until Ctrl-C`);
      await interrupted();
    },
    onProgress: live.frames,
    onAnomaly: live.anomaly,
    onAction: live.action,
    onProblems: (problems) => {
      problems.forEach((problem) => {
        live.print(formatProblem(problem));
      });
    },
  }).finally(live.end);
  [
    ...accountLines(loaded, outcome, look),
    '',
    look.paint('heading', 'What the labels of the pass say (the daemon never saw them)'),
    ...renderComparison(mission, compareWithLabels(labels, outcome.anomalies), look),
    ...nextLines(logPath, outcome.anomalies[0], look),
  ].forEach(writeLine);
};

/** Adds the verb `demo` to the program. */
export const register = (program: Command): void => {
  program
    .command('demo')
    .description(
      'run broker, daemon and a recorded pass with faults, and show what was found, why, and what was requested',
    )
    .option('--log <file>', 'keep the log here; by default in a new temporary folder')
    .option('--stay', 'when the pass is over, keep the daemon and its console until Ctrl-C')
    .action(demo);
};
