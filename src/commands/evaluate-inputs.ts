/** What `fdir evaluate` reads: a labelled pass, and the checks that it can be judged at all. */
import { readLabels } from '../adapters/passes/label-reader';
import { loadPass, readPass } from '../adapters/passes/pass-reader';
import { median } from '../core/metrics/events';
import { FdirError } from '../domain/errors';
import type { Mission } from '../domain/mission';
import type { Telecommand } from '../domain/telecommand';
import type { Frame, Label } from '../domain/telemetry';
import { snapLabels, windowsToJudge, type EvaluationStep, type WindowMode } from '../fit/evaluate/evaluate-windows';
import { note } from './output';
import { tellRecording } from './tell-recording';

export interface LabelledPass {
  readonly file: string;
  readonly due: readonly EvaluationStep[];
  /** Sampling instants there is telemetry for, milliseconds. */
  readonly times: readonly number[];
  /** Labels with at least one frame in them, ends on sampling instants. */
  readonly labels: readonly Label[];
  /** Labels without a frame: they cannot be judged. */
  readonly outside: number;
}

/** Frames that show how often a parameter comes. */
const PROBED_FRAMES = 400;
/** Half and double the period are told apart from jitter. */
const SPACING_TOLERANCE = 1.5;

/** Smallest median time between two samples of one parameter, milliseconds; null when no parameter comes twice. */
const spacingOf = async (file: string, mission: Mission): Promise<number | null> => {
  const times = new Map<string, number[]>();
  let probed = 0;
  for await (const { frames } of readPass(file, mission)) {
    for (const { time, values } of frames) {
      for (const id of Object.keys(values)) {
        const own = times.get(id);
        if (own === undefined) times.set(id, [time]);
        else own.push(time);
      }
    }
    probed += frames.length;
    if (probed >= PROBED_FRAMES * 4) break;
  }
  const periodic = mission.parameters.filter(({ kind }) => kind === 'periodic');
  const spacings = periodic.flatMap(({ id }) => {
    const own = [...new Set(times.get(id) ?? [])].sort((a, b) => a - b).slice(0, PROBED_FRAMES);
    return median(own.slice(1).map((time, index) => time - (own[index] ?? time))) ?? [];
  });
  return spacings.length === 0 ? null : Math.min(...spacings);
};

const checkSpacing = async (file: string, mission: Mission): Promise<void> => {
  const { periodMs } = mission.sampling;
  const spacing = await spacingOf(file, mission);
  if (spacing === null || (spacing < periodMs * SPACING_TOLERANCE && spacing > periodMs / SPACING_TOLERANCE)) return;
  throw new FdirError(
    'input',
    `${file} is sampled every ${String(spacing / 1000)} s, the mission every ${String(periodMs / 1000)} s`,
    [{ file, message: 'a model judges windows of its own sampling period only: resample the pass' }],
  );
};

/** Periodic parameters that have not one value in all frames. */
const absentParameters = (mission: Mission, frames: readonly Frame[]): readonly string[] =>
  mission.parameters.flatMap(({ id, kind }, index) =>
    kind === 'periodic' && frames.length > 0 && frames.every(({ values }) => Number.isNaN(values[index] ?? NaN))
      ? [id]
      : [],
  );

/** Refuses a pass without a window to score, and one that lacks a parameter: inferring it all along would prove nothing. */
const checkScorable = (
  file: string,
  due: readonly EvaluationStep[],
  mission: Mission,
  frames: readonly Frame[],
): void => {
  const absent = absentParameters(mission, frames);
  if (absent.length === 0 && due.some(({ kind }) => kind === 'window')) return;
  const blamed = new Set([...absent, ...due.flatMap((item) => (item.kind === 'unscored' ? item.parameters : []))]);
  throw new FdirError(
    'input',
    absent.length > 0 ? `${file} cannot be judged` : `no window of ${file} can be scored`,
    blamed.size > 0
      ? [...blamed].map((id) => ({ file, message: `no usable values of parameter "${id}"` }))
      : [{ file, message: `no ${String(mission.sampling.window)} consecutive frames without a gap` }],
  );
};

/** What is known of the time of a pass besides its telemetry. */
export interface FilesBeside {
  /** File of labels. */
  readonly labels?: string | undefined;
  /** Telecommands that were sent, ascending. */
  readonly telecommands?: readonly Telecommand[];
}

/** A pass without labels is nominal throughout. @throws FdirError `input` when it cannot be judged. */
export const readLabelledPass = async (
  file: string,
  { labels: labelsFile, telecommands }: FilesBeside,
  mission: Mission,
  mode: WindowMode,
): Promise<LabelledPass> => {
  await checkSpacing(file, mission);
  const pass = await loadPass(file, mission, telecommands);
  tellRecording(file, pass);
  const { assembled, frames } = pass;
  const due = windowsToJudge(mode, mission, assembled, true);
  checkScorable(file, due, mission, frames);
  const times = frames.map(({ time }) => time);
  const all = labelsFile === undefined ? [] : snapLabels(await readLabels(labelsFile), mission.sampling.periodMs);
  const labels = all
    .filter(({ start, end }) => times.some((time) => start <= time && time <= end))
    .sort((a, b) => a.start - b.start);
  const outside = all.length - labels.length;
  if (outside > 0)
    note(
      `${labelsFile ?? ''}: ${String(outside)} of ${String(all.length)} labels are outside the pass and are left out`,
    );
  return { file, due, times, labels, outside };
};
