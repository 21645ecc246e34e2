/**
 * From frames to windows: a pure reducer. Windows end at slots that are multiples of the stride, counted on the grid since 1970.
 * So a replay cuts the same windows as a live run that began at another instant. A window never spans a gap.
 */
import type { Mission } from '../../domain/mission';
import type { Window } from '../../domain/telemetry';
import type { AssemblyItem, AssembledFrame, Gap } from './assembler-state';
import { initialSummaries, memoryOf, summarise, type SummaryState } from './summaries';

export interface WindowState {
  /** The first slot ever: windows that would begin before it were never due. */
  readonly first: number | undefined;
  /** The last consecutive frames, oldest first, at most a window of them. */
  readonly frames: readonly AssembledFrame[];
  /** What is remembered since the last gap; absent before the first frame after it. */
  readonly summaries?: SummaryState;
}

export interface WindowStep {
  readonly state: WindowState;
  readonly window?: Window;
  /** Windows that were due but span a gap. */
  readonly unscored: number;
}

export const initialWindows: WindowState = { first: undefined, frames: [] };

/** Multiples of `stride` in [low, high]. */
const multiplesBetween = (stride: number, low: number, high: number): number =>
  Math.max(0, Math.floor(high / stride) - Math.ceil(low / stride) + 1);

/** Event parameters hold until they change: they count as measured whenever they have a value. What is excused is seen to later. */
const isMeasured = ({ frame, received }: AssembledFrame, row: number, kind: string): boolean => {
  const value = frame.values[row] ?? NaN;
  return !Number.isNaN(value) && (kind === 'event' || received[row] === value);
};

/** Rows are parameters in mission order; a NaN anywhere in its row makes a parameter unusable. */
export const cutWindow = (
  { parameters }: Mission,
  frames: readonly AssembledFrame[],
  summaries?: SummaryState,
): Window => {
  const length = frames.length;
  const values = new Float32Array(parameters.length * length);
  const measured = new Uint8Array(values.length);
  const unusable = new Set<string>();
  const expected: number[] = [];
  frames.forEach((item, column) => {
    parameters.forEach(({ id, kind }, row) => {
      const value = item.frame.values[row] ?? NaN;
      values[row * length + column] = value;
      measured[row * length + column] = isMeasured(item, row, kind) ? 1 : 0;
      if (Number.isNaN(value)) unusable.add(id);
    });
    for (const row of item.excused ?? []) {
      measured[row * length + column] = 0;
      expected.push(row * length + column);
    }
  });
  const start = frames[0]?.frame.time ?? NaN;
  const end = frames[length - 1]?.frame.time ?? NaN;
  const memory = summaries && { memory: memoryOf(summaries, length) };
  // Models of older packages take no mask: `score-window.ts` replaces these cells.
  const explained = expected.length > 0 && { expected: expected.sort((a, b) => a - b) };
  return { start, end, values, unusable: [...unusable], measured, ...memory, ...explained };
};

const skipGap = ({ sampling }: Mission, state: WindowState, gap: Gap): WindowStep => {
  const firstDue = state.first === undefined ? Infinity : state.first + sampling.window - 1;
  const unscored = multiplesBetween(sampling.stride, Math.max(gap.first, firstDue), gap.last);
  return { state: { first: state.first, frames: [] }, unscored };
};

/** Takes the next frame or gap. */
export const assembleWindows = (mission: Mission, state: WindowState, item: AssemblyItem): WindowStep => {
  if (item.kind === 'gap') return skipGap(mission, state, item);
  const { window, stride } = mission.sampling;
  const first = state.first ?? item.slot;
  const frames = [...state.frames.slice(state.frames.length >= window ? 1 : 0), item];
  const { parameters } = mission;
  const summaries = summarise(
    state.summaries ?? initialSummaries(parameters.length),
    parameters.map(({ kind }, row) => (isMeasured(item, row, kind) ? (item.frame.values[row] ?? NaN) : NaN)),
    { frames: window, excused: item.excused },
  );
  const next = { first, frames, summaries };
  if (item.slot % stride !== 0) return { state: next, unscored: 0 };
  if (frames.length < window) return { state: next, unscored: item.slot - window + 1 >= first ? 1 : 0 };
  return { state: next, unscored: 0, window: cutWindow(mission, frames, summaries) };
};
