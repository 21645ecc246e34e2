/** `fdir evaluate`: detection, isolation, identification, calibration and event metrics of a package on a labelled pass. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readTelecommands } from '../adapters/passes/commands-reader';
import { loadMission } from '../config/load-mission';
import { describeError, FdirError } from '../domain/errors';
import { recoveryTimeMs, type Mission } from '../domain/mission';
import { parseDuration } from '../domain/units';
import type { WindowMode } from '../fit/evaluate/evaluate-windows';
import { evaluate, type Evaluation } from '../fit/evaluate/evaluation';
import { judgePeers } from '../fit/evaluate/peers/judge-peers';
import { readLabelledPass, type FilesBeside, type LabelledPass } from './evaluate-inputs';
import { judgeModel, type EvaluationContext } from './evaluate-model';
import { describeEvaluations } from './evaluate-text';
import { note, writeJson, writeLine } from './output';
import { createProgress } from './progress';
import { writeReport } from './report/page';

interface EvaluateOptions {
  readonly mission: string;
  readonly model: string;
  readonly pass: string;
  readonly labels?: string;
  readonly commands?: string;
  readonly windows: string;
  readonly falsePositiveRate?: string;
  readonly thresholdFrom?: readonly string[];
  readonly recovery?: string;
  readonly baseline?: string;
  readonly peers?: boolean;
  readonly nominal?: readonly string[];
  readonly labelled?: readonly string[];
  readonly labelledLabels?: readonly string[];
  readonly report?: string;
  readonly json?: boolean;
}

const DEFAULT_RATE = 0.01;

const rateOf = ({ falsePositiveRate, thresholdFrom }: EvaluateOptions): number | undefined => {
  if (falsePositiveRate === undefined) return thresholdFrom === undefined ? undefined : DEFAULT_RATE;
  const rate = Number(falsePositiveRate);
  if (falsePositiveRate.trim() === '' || !(rate > 0 && rate < 1)) {
    throw new FdirError(
      'usage',
      `--false-positive-rate "${falsePositiveRate}" is not a share between 0 and 1, such as 0.01`,
    );
  }
  return rate;
};

const modeOf = (windows: string): WindowMode => {
  if (windows === 'stream' || windows === 'independent') return windows;
  throw new FdirError('usage', `--windows "${windows}" is neither "stream" nor "independent"`);
};

const recoveryOf = ({ recovery }: EvaluateOptions, mission: Mission): number => {
  if (recovery === undefined) return recoveryTimeMs(mission);
  const milliseconds = parseDuration(recovery);
  if (milliseconds === undefined)
    throw new FdirError('usage', `--recovery "${recovery}" is not a duration, such as 0s, 90s or 5m`);
  return milliseconds;
};

/** What the peers are fitted on: the same recordings as the package. */
const readPeerPasses = async (
  { peers, nominal = [], labelled = [], labelledLabels = [] }: EvaluateOptions,
  mission: Mission,
  telecommands: FilesBeside['telecommands'] = [],
): Promise<{ readonly nominal: readonly LabelledPass[]; readonly taught: readonly LabelledPass[] } | undefined> => {
  if (peers !== true) return undefined;
  if (nominal.length === 0)
    throw new FdirError('usage', '--peers needs --nominal PASS...: the recordings that the package was fitted on');
  if (labelled.length !== labelledLabels.length)
    throw new FdirError(
      'usage',
      `--labelled names ${String(labelled.length)} passes and --labelled-labels ${String(labelledLabels.length)} files: give one for each`,
    );
  const passes: LabelledPass[] = [];
  for (const file of nominal) passes.push(await readLabelledPass(file, { telecommands }, mission, 'stream'));
  const taught: LabelledPass[] = [];
  for (const [index, file] of labelled.entries())
    taught.push(await readLabelledPass(file, { labels: labelledLabels[index], telecommands }, mission, 'stream'));
  return { nominal: passes, taught };
};

/** Six decimals are more than a pass of any length supports. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : value;

const printed = (evaluation: Evaluation): unknown => JSON.parse(JSON.stringify(evaluation, rounded));

const run = async (options: EvaluateOptions): Promise<void> => {
  const mode = modeOf(options.windows);
  const rate = rateOf(options);
  const mission = loadMission(options.mission);
  const recoveryMs = recoveryOf(options, mission);
  const telecommands = options.commands === undefined ? [] : await readTelecommands(options.commands);
  const pass = await readLabelledPass(options.pass, { labels: options.labels, telecommands }, mission, mode);
  const nominal: LabelledPass[] = [];
  for (const file of options.thresholdFrom ?? [])
    nominal.push(await readLabelledPass(file, { telecommands }, mission, mode));
  const progress = createProgress();
  const context: EvaluationContext = { mission, mode, pass, nominal, rate, recoveryMs, measuresCost: true, progress };
  const peerPasses = await readPeerPasses(options, mission, telecommands);
  const judgement = await judgeModel(options.model, context);
  const baseline = options.baseline === undefined ? undefined : await judgeModel(options.baseline, context);
  const { manifest } = judgement;
  const { report } = progress;
  const peers = (
    peerPasses === undefined
      ? []
      : judgePeers({ mission, manifest, mode, pass, ...peerPasses, thresholdFrom: nominal, rate, recoveryMs, report })
  ).map(evaluate);
  progress.end();
  const all = [judgement, ...(baseline === undefined ? [] : [baseline])];
  if (options.report !== undefined) {
    const html = writeReport({ mission, mode, pass, models: all.map(({ model }) => model) });
    try {
      writeFileSync(options.report, html);
    } catch (error) {
      throw new FdirError('runtime', `cannot write ${options.report}: ${describeError(error)}`);
    }
    note(`report in ${options.report}`);
  }
  if (options.json === true) {
    writeJson({
      ...(printed(judgement.evaluation) as object),
      labels: { n: pass.labels.length, outside: pass.outside },
      ...(baseline === undefined ? {} : { baseline: printed(baseline.evaluation) }),
      ...(peers.length === 0 ? {} : { peers: Object.fromEntries(peers.map((peer) => [peer.model.id, printed(peer)])) }),
    });
    return;
  }
  for (const line of describeEvaluations([...all.map(({ evaluation }) => evaluation), ...peers])) writeLine(line);
};

const HELP = `
A window is anomalous when it overlaps a label. Which equipment and which fault are scored on windows at or above the threshold
that lie wholly inside one label, and only against names the model knows; the confusion matrices are normalised by true class.
With --windows independent every consecutive block of one window is a case; blocks that are labelled in part are left out.
Events are judged on the anomalies that the daemon would have opened with the package's own thresholds. An anomaly that touches only the
recovery time after a fault neither finds the fault nor is false, and the recovery time is no nominal time.
A fault that begins under an alarm is found, and is told as "already under alarm" (JSON: alreadyOpen). Nothing shows that the fault itself
was noticed, so the median delay leaves it out.
Peers show what the package adds: each is fitted on --nominal, its threshold is that of one left-out nominal window in a thousand (or of
--threshold-from), three of four windows open an anomaly.
Every event figure comes with the share of nominal time under alarm: an alarm without end finds everything.
Figures that are not defined (no label, no anomalous window, no detector.onnx beside model.onnx) are null.

Examples:
  fdir evaluate --mission rules/mission.yaml --model models/rw-cae --pass test.csv --labels test.labels.csv --report out.html
  fdir evaluate --mission rules/mission.yaml --model models/rw-cae --baseline models/paper --pass cases.csv --labels cases.labels.csv \\
    --windows independent --false-positive-rate 0.01 --threshold-from nominal.csv --json
`;

/** Adds the verb `evaluate` to the program. */
export const register = (program: Command): void => {
  program
    .command('evaluate')
    .description('measure detection, isolation, identification, calibration and events on a labelled pass')
    .requiredOption('--mission <file>', 'mission file')
    .requiredOption('--model <folder>', 'model package')
    .requiredOption('--pass <file>', 'recording to judge, CSV or NDJSON')
    .option('--labels <file>', 'its labels; without them it is nominal throughout')
    .option('--commands <file>', 'telecommands that were sent, CSV time,name,arguments or NDJSON')
    .option(
      '--windows <stream|independent>',
      'windows as the daemon cuts them, or blocks that are a case each',
      'stream',
    )
    .option(
      '--false-positive-rate <share>',
      'choose the threshold of the window figures for this share of nominal windows',
    )
    .option(
      '--threshold-from <pass...>',
      `nominal recordings to choose it on (share ${String(DEFAULT_RATE)} unless told otherwise)`,
    )
    .option(
      '--recovery <duration>',
      "release edges belong to a fault for so long after its end (default: the mission's recoveryTime, else four windows)",
    )
    .option('--baseline <folder>', 'a second package, judged in the same run, side by side')
    .option('--peers', 'judge the same pass with simple peers too: z-score, window T2, LDA on mean and deviation')
    .option('--nominal <pass...>', 'what the peers are fitted on: the nominal recordings of the package')
    .option('--labelled <pass...>', 'recordings with labelled faults that teach the peers, as they taught the package')
    .option('--labelled-labels <file...>', 'their labels files, in the same order')
    .option('--report <file.html>', 'write a page that needs no other file')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(run);
};
