/** `fdir evaluate`: detection, isolation, identification, calibration and event metrics of a package on a labelled pass. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createOnnxScorer } from '../adapters/model/onnx-scorer';
import { openSession } from '../adapters/model/onnx-session';
import { loadModelPackage } from '../config/load-manifest';
import { loadMission } from '../config/load-mission';
import { attribute } from '../core/anomaly/attribution';
import { matchEvents } from '../core/metrics/events';
import { thresholdForRate } from '../core/metrics/roc';
import { writeSentence } from '../core/anomaly/sentence';
import { describeError, FdirError } from '../domain/errors';
import type { Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';
import type { Label } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import { meanConceptograms } from '../fit/evaluate/evaluate-conceptograms';
import { measureCost } from '../fit/evaluate/evaluate-cost';
import { judgePass, type JudgedPass, type WindowScorer } from '../fit/evaluate/evaluate-pass';
import type { WindowMode } from '../fit/evaluate/evaluate-windows';
import {
  detectedEvents,
  evaluate,
  knownFaults,
  usedWindows,
  type Evaluation,
  type Threshold,
} from '../fit/evaluate/evaluation';
import { readLabelledPass, type LabelledPass } from './evaluate-inputs';
import { describeEvaluations } from './evaluate-text';
import { note, writeJson, writeLine } from './output';
import { createProgress, type Progress } from './progress';
import { writeReport } from './report/page';
import type { ReportModel } from './report/report-model';

interface EvaluateOptions {
  readonly mission: string;
  readonly model: string;
  readonly pass: string;
  readonly labels?: string;
  readonly windows: string;
  readonly falsePositiveRate?: string;
  readonly thresholdFrom?: readonly string[];
  readonly baseline?: string;
  readonly report?: string;
  readonly json?: boolean;
}

interface Judgement {
  readonly evaluation: Evaluation;
  readonly model: ReportModel;
}

interface Context {
  readonly mission: Mission;
  readonly mode: WindowMode;
  readonly pass: LabelledPass;
  /** Other nominal passes that thresholds are chosen on. */
  readonly nominal: readonly LabelledPass[];
  readonly rate: number | undefined;
  readonly progress: Progress;
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

const nominalScores = ({ windows }: JudgedPass): number[] =>
  windows.flatMap(({ truth, score }) => (truth.kind === 'nominal' ? [score] : []));

const chooseThreshold = async (scorer: WindowScorer, judged: JudgedPass, context: Context): Promise<Threshold> => {
  const { rate, nominal, pass, mode, progress } = context;
  const { threshold } = scorer.manifest.calibration;
  if (rate === undefined) return { value: threshold, source: 'package', falsePositiveRate: null };
  const scores = nominal.length === 0 ? nominalScores(judged) : [];
  for (const { file, due, labels } of nominal) {
    const report = (share: number): void => {
      progress.report(`scoring ${file} with ${scorer.manifest.id}`, share);
    };
    for (const score of nominalScores(await judgePass({ scorer, mode, due, labels, report }))) scores.push(score);
  }
  const value = thresholdForRate(scores, rate);
  const source = (nominal.length === 0 ? [pass] : nominal).map(({ file }) => file).join(', ');
  if (value === undefined) throw new FdirError('input', `${source} has no nominal window to choose a threshold on`);
  if (nominal.length === 0) {
    note(
      'the threshold is chosen on the nominal windows of the evaluated pass itself, which flatters it: --threshold-from takes another pass',
    );
  }
  return { value, source, falsePositiveRate: rate };
};

/** Labels may name what the model was never taught: said once, so that nobody wonders where these windows went. */
const tellUnknown = (manifest: Manifest, labels: readonly Label[]): void => {
  const told = { equipment: manifest.equipment, fault: knownFaults(manifest) } as const;
  for (const what of ['equipment', 'fault'] as const) {
    const unknown = [...new Set(labels.map((label) => label[what]))].filter(
      (name) => name !== '' && !told[what].includes(name),
    );
    if (unknown.length > 0) {
      note(
        `${manifest.id} does not know ${what} ${unknown.join(', ')}: such labels count for detection and events, not for ${what === 'fault' ? 'identification' : 'isolation'}`,
      );
    }
  }
};

const openDetector = (folder: string): ReturnType<typeof openSession> | undefined => {
  const file = join(folder, 'detector.onnx');
  return existsSync(file) ? openSession(readFileSync(file)) : undefined;
};

const judgeModel = async (folder: string, context: Context): Promise<Judgement> => {
  const { mission, mode, pass, progress } = context;
  const scorer = await createOnnxScorer(loadModelPackage(folder, mission));
  const { manifest } = scorer;
  const detector = await openDetector(folder);
  try {
    const report = (share: number): void => {
      progress.report(`scoring ${pass.file} with ${manifest.id}`, share);
    };
    tellUnknown(manifest, pass.labels);
    const judged = await judgePass({ scorer, mode, due: pass.due, labels: pass.labels, report });
    const threshold = await chooseThreshold(scorer, judged, context);
    progress.report(`measuring the cost of ${manifest.id}`);
    const windows = pass.due.flatMap((item) => (item.kind === 'window' ? [item.window.values] : []));
    const cost = await measureCost({ scorer, detector, windows, now: () => performance.now() });
    const { labels, times } = pass;
    const evaluation = evaluate({ manifest, mode, judged, threshold, labels, times, cost });
    const sentences = judged.anomalies.map(({ start, verdict, worst }) =>
      writeSentence(mission, isoTime(start), verdict, attribute(manifest, worst)),
    );
    const model: ReportModel = {
      evaluation,
      windows: usedWindows(mode, judged.windows),
      anomalies: judged.anomalies.map((anomaly, index) => ({ anomaly, sentence: sentences[index] ?? '' })),
      matches: matchEvents(labels, detectedEvents(judged)),
      conceptograms: meanConceptograms(manifest, judged.windows, threshold.value),
    };
    return { evaluation, model };
  } finally {
    await detector?.close();
    await scorer.close();
  }
};

/** Six decimals are more than a pass of any length supports. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : value;

const printed = (evaluation: Evaluation): unknown => JSON.parse(JSON.stringify(evaluation, rounded));

const run = async (options: EvaluateOptions): Promise<void> => {
  const mode = modeOf(options.windows);
  const rate = rateOf(options);
  const mission = loadMission(options.mission);
  const pass = await readLabelledPass(options.pass, options.labels, mission, mode);
  const nominal: LabelledPass[] = [];
  for (const file of options.thresholdFrom ?? []) nominal.push(await readLabelledPass(file, undefined, mission, mode));
  const progress = createProgress();
  const context: Context = { mission, mode, pass, nominal, rate, progress };
  const judgement = await judgeModel(options.model, context);
  const baseline = options.baseline === undefined ? undefined : await judgeModel(options.baseline, context);
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
    });
    return;
  }
  for (const line of describeEvaluations(all.map(({ evaluation }) => evaluation))) writeLine(line);
};

const HELP = `
A window is anomalous when it overlaps a label. Which equipment and which fault are scored on windows at or above the threshold
that lie wholly inside one label, and only against names the model knows; the confusion matrices are normalised by true class.
With --windows independent every consecutive block of one window is a case; blocks that are labelled in part are left out.
Events are judged on the anomalies that the daemon would have opened with the package's own thresholds.
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
    .description('detection, isolation, identification, calibration and event metrics on a labelled pass')
    .requiredOption('--mission <file>', 'mission file')
    .requiredOption('--model <folder>', 'model package')
    .requiredOption('--pass <file>', 'recording to judge, CSV or NDJSON')
    .option('--labels <file>', 'its labels; without them it is nominal throughout')
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
    .option('--baseline <folder>', 'a second package, judged in the same run, side by side')
    .option('--report <file.html>', 'write a self-contained page to look at')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(run);
};
