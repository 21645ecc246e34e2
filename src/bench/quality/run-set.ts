/** Fits and judges one data set through the product's own verbs, and gathers what its rows are made of. */
import { loadMission } from '../../config/load-mission';
import { describeError, FdirError } from '../../domain/errors';
import { recoveryTimeMs, type Mission } from '../../domain/mission';
import { readLabelledPass, type LabelledPass } from '../../commands/evaluate-inputs';
import { judgeModel } from '../../commands/evaluate-model';
import type { Progress } from '../../commands/progress';
import { evaluateTogether, type Evaluation, type EvaluationInput } from '../../fit/evaluate/evaluation';
import { predictedRate } from '../../fit/evaluate/predicted-rate';
import type { WindowMode } from '../../fit/evaluate/evaluate-windows';
import { judgePeers } from '../../fit/evaluate/peers/judge-peers';
import type { DataSet, JudgedFile, Method, Trial } from './trial';
import { say, type QualityWorkshop } from './workshop';

export interface QualityRow {
  readonly dataset: string;
  /** Which recordings of it. */
  readonly row: string;
  /** Of a peer: its name. */
  readonly method: string;
  /** Of all packages of the row together; null when none was fitted. */
  readonly fitSeconds: number | null;
  readonly thresholdRule: string;
  readonly isBenign: boolean;
  /** Packages that the fit refused, with the reason. */
  readonly refused: readonly string[];
  /** Undefined when every fit was refused. */
  readonly evaluation: Evaluation | undefined;
  /** What the fit promised, mean over the packages of the row; null of packages that promise nothing, and of peers. */
  readonly predictedFalseAlarmsPerDay: number | null;
}

interface GatheredRow {
  readonly file: JudgedFile;
  readonly method: string;
  readonly inputs: EvaluationInput[];
  readonly refused: string[];
  fitSeconds: number | null;
}

/** The published protocol's share of false positives. */
const RATE = 0.01;

const ruleOf = ({ thresholdFrom }: JudgedFile): string =>
  thresholdFrom === undefined ? "the package's own" : `${String(100 * RATE)} % of the nominal windows of other passes`;

const fitTrial = async (workshop: QualityWorkshop, trial: Trial, method: Method): Promise<string> => {
  const out = workshop.at(`${trial.name.replaceAll(/[^\w-]+/g, '-')}-${method}`);
  const taught = trial.taught ?? [];
  await workshop.fdir(
    'fit',
    ...['--mission', trial.mission, '--nominal', ...trial.nominal, '--out', out, '--method', method],
    ...(trial.detector === undefined ? [] : ['--detector', trial.detector]),
    ...(taught.length === 0 ? [] : ['--labelled', ...taught.map(({ pass }) => pass)]),
    ...(taught.length === 0 ? [] : ['--labels', ...taught.map(({ labels }) => labels)]),
  );
  return out;
};

export interface RunOptions {
  /** Methods that are fitted; a trial may name its own. */
  readonly methods: readonly Method[];
  /** Whether the simple peers are judged too. */
  readonly peers: boolean;
  readonly progress: Pick<Progress, 'report'>;
}

const readPasses = async (
  passes: readonly { readonly pass: string; readonly labels?: string | undefined }[],
  mission: Mission,
  mode: WindowMode,
): Promise<LabelledPass[]> => {
  const read: LabelledPass[] = [];
  for (const { pass, labels } of passes) read.push(await readLabelledPass(pass, { labels }, mission, mode));
  return read;
};

const judgeFile = async (
  model: string,
  trial: Trial,
  file: JudgedFile,
  { peers, progress }: RunOptions,
): Promise<readonly EvaluationInput[]> => {
  const mission = loadMission(trial.mission);
  const mode: WindowMode = file.isIndependent === true ? 'independent' : 'stream';
  const nominal = await readPasses(
    (file.thresholdFrom ?? []).map((pass) => ({ pass })),
    mission,
    mode,
  );
  const rate = file.thresholdFrom === undefined ? undefined : RATE;
  const recoveryMs = recoveryTimeMs(mission);
  const pass = await readLabelledPass(file.pass, { labels: file.labels }, mission, mode);
  const { input, manifest } = await judgeModel(model, {
    mission,
    mode,
    pass,
    nominal,
    rate,
    recoveryMs,
    measuresCost: false,
    progress,
  });
  if (!peers) return [input];
  const fitted = await readPasses(
    trial.nominal.map((item) => ({ pass: item })),
    mission,
    'stream',
  );
  const taught = await readPasses(trial.taught ?? [], mission, 'stream');
  const { report } = progress;
  const request = {
    mission,
    manifest,
    mode,
    pass,
    nominal: fitted,
    taught,
    thresholdFrom: nominal,
    rate,
    recoveryMs,
    report,
  };
  return [input, ...judgePeers(request)];
};

const gather = (rows: GatheredRow[], file: JudgedFile, method: string): GatheredRow => {
  const known = rows.find((row) => row.file.row === file.row && row.method === method);
  if (known !== undefined) return known;
  const fresh: GatheredRow = { file, method, inputs: [], refused: [], fitSeconds: null };
  rows.push(fresh);
  return fresh;
};

/** Fits one trial by one method, judges its files, and adds what it finds to the rows. */
const runTrial = async (
  workshop: QualityWorkshop,
  { trial, method }: { readonly trial: Trial; readonly method: Method },
  rows: GatheredRow[],
  options: RunOptions,
): Promise<void> => {
  const own = [...new Set(trial.judged.map((file) => gather(rows, file, method)))];
  const began = performance.now();
  let model: string;
  try {
    model = trial.model ?? (await fitTrial(workshop, trial, method));
  } catch (error) {
    // A fit that is refused is a result; anything else is a defect of the program.
    if (!(error instanceof FdirError)) throw error;
    say(`${trial.name}: refused: ${describeError(error)}`);
    for (const row of own) row.refused.push(`${trial.name}: ${error.message}`);
    return;
  }
  const seconds = (performance.now() - began) / 1000;
  if (trial.model === undefined) for (const row of own) row.fitSeconds = (row.fitSeconds ?? 0) + seconds;
  for (const file of trial.judged) {
    const [product, ...peers] = await judgeFile(model, trial, file, {
      ...options,
      peers: options.peers && method === 'equipment',
    });
    if (product !== undefined) gather(rows, file, method).inputs.push(product);
    for (const peer of peers) gather(rows, file, peer.manifest.id).inputs.push(peer);
  }
};

export const runSet = async (
  workshop: QualityWorkshop,
  set: DataSet,
  data: string,
  options: RunOptions,
): Promise<readonly QualityRow[]> => {
  const rows: GatheredRow[] = [];
  for (const trial of await set.prepare(workshop, data))
    for (const method of trial.model === undefined ? (trial.methods ?? options.methods) : (['equipment'] as const))
      await runTrial(workshop, { trial, method }, rows, options);
  return rows.map(({ file, method, inputs, refused, fitSeconds }) => ({
    dataset: set.name,
    row: file.row,
    method,
    fitSeconds,
    thresholdRule: ruleOf(file),
    isBenign: file.isBenign === true,
    refused,
    evaluation: inputs.length === 0 ? undefined : evaluateTogether(inputs),
    predictedFalseAlarmsPerDay: predictedRate(inputs.map(({ manifest }) => manifest))?.perDay ?? null,
  }));
};
