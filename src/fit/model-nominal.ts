/** What nominal windows imply of each other, and what taught faults look like beside them: what everything that judges is fitted on. */
import { rowOf, runAll, withGraph } from '../core/graph-session';
import type { InputWindow } from '../core/telemetry/model-input';
import type { Window } from '../domain/telemetry';
import { TURNS } from './calibration-set';
import { buildFeaturesGraph, buildFilledGraph, buildProbeGraph } from './equipment-graph';
import {
  CONTEXT,
  FEATURES,
  FILLED,
  REMEMBERED,
  RESIDUAL,
  type GraphParts,
  type JudgingParts,
  type SharedTap,
} from './equipment-parts';
import type { EquipmentInput } from './fit-input';
import { foldMoments, withSupport } from './heads/fold-moments';
import { taughtHeadOf } from './heads/taught-head';
import type { Layout } from './layout';
import { standardiseWindow } from './nominal-windows';
import { conditionalModelOf, fitConditionalModel, RIDGE, type ConditionalModel } from './precision';
import { rangeOfSamples } from './range';
import { templateBank } from './templates';
import { parameterOfSamples, withWander } from './wander';

/** With few windows for many samples the inverse needs more support than `RIDGE` gives. */
export const ridgeFor = (windows: number, { parameters, frames }: Layout): number => {
  const ratio = windows / (parameters * frames);
  return ratio >= 5 ? RIDGE : ratio >= 2 ? 1e-4 : ratio >= 1 ? 1e-3 : 1e-2;
};

/** Whether labelled passes teach faults. */
export const isTaught = ({ cases }: Pick<EquipmentInput, 'cases'>): boolean => cases.some(({ taught }) => taught);

/** Windows of short recordings have moments of their own making; the others are plenty. */
const isShort = ({ momentsOf }: Pick<EquipmentInput, 'momentsOf'>): boolean => momentsOf !== undefined;

const linearOf = (input: EquipmentInput, rows: readonly ArrayLike<number>[]): ConditionalModel => {
  const { layout, floor, folds, wander } = input;
  const floors = Float64Array.from(rows[0] ?? [], (_, index) => floor[Math.floor(index / layout.frames)] ?? 0);
  const { mean, covariance } = input.momentsOf?.(undefined, rows) ?? foldMoments(rows, folds).without();
  const ridge = isShort(input) ? 0 : ridgeFor(rows.length, layout);
  const parameterOf = parameterOfSamples(layout);
  const spread = withWander(withSupport(covariance, ridge, floors), parameterOf, wander);
  const range = rangeOfSamples(rows, parameterOf, wander);
  return { ...conditionalModelOf({ mean, covariance: spread }, layout), range };
};

/** Nominal windows complete enough that what is missing of the others can be inferred from them. */
const ENOUGH_COMPLETE = 0.3;

const isComplete = ({ measured }: Window): boolean => measured?.every((flag) => flag === 1) ?? true;

interface Nominal {
  readonly parts: GraphParts;
  readonly filled: readonly Float32Array[];
  /** The windows with the memory that they have with missing samples inferred. */
  readonly windows: readonly Window[];
  readonly contexts: readonly Float32Array[];
  readonly residuals: readonly Float32Array[];
}

/** What nominal windows imply of each other, what the detector leaves of them, and the windows with missing samples inferred. */
export const modelNominal = async (input: EquipmentInput, shared: readonly SharedTap[]): Promise<Nominal> => {
  const { layout, scaling, detector, faults, shape, openGraph, report } = input;
  const raw = shape.map(({ values }) => standardiseWindow(values, scaling, layout.frames));
  const complete = shape.flatMap((window, index) => (isComplete(window) ? [index] : []));
  const isFew = complete.length < ENOUGH_COMPLETE * shape.length || isShort(input);
  const folds = shape.map((window, index) => (isFew || isComplete(window) ? (input.folds[index] ?? 0) : -1));
  const first = linearOf({ ...input, folds }, raw);
  const plain = { layout, scaling, faults, shared, detector, isTaught: isTaught(input) };
  const parts: GraphParts = { ...plain, linear: first, residual: first, bank: templateBank(first, layout) };
  const outputs = await withGraph(openGraph, buildFilledGraph(parts), (probe) =>
    runAll(probe, shape, layout, (done) => {
      report('inferring what was not measured', done / shape.length);
    }),
  );
  const rowsOf = (name: string): Float32Array[] =>
    shape.map((_, index) => rowOf(outputs[name] ?? new Float32Array(), shape.length, index));
  const filled = rowsOf(FILLED);
  const residuals = rowsOf(RESIDUAL);
  const residual =
    input.residual === undefined
      ? fitConditionalModel(residuals, layout, ridgeFor(shape.length, layout))
      : conditionalModelOf(input.residual, layout);
  const linear = complete.length === shape.length ? first : linearOf(input, filled);
  const models = { linear, residual, bank: linear === first ? parts.bank : templateBank(linear, layout) };
  const memories = rowsOf(REMEMBERED);
  const windows = shape.map((window, index): Window => {
    const memory = memories[index];
    return window.memory === undefined || memory === undefined ? window : { ...window, memory };
  });
  return { parts: { ...parts, ...models }, windows, filled, contexts: rowsOf(CONTEXT), residuals };
};

/** What the head of taught faults is fitted on: features of all nominal windows, and of the taught ones. */
export const taughtRows = async (input: EquipmentInput, parts: GraphParts) => {
  if (!parts.isTaught) return undefined;
  const { layout, openGraph, shape, report } = input;
  const cases = input.cases.filter(({ taught }) => taught);
  const windows: readonly InputWindow[] = [...shape, ...cases];
  const outputs = await withGraph(openGraph, buildFeaturesGraph(parts), (session) =>
    runAll(session, windows, layout, (done) => {
      report('comparing taught faults with nominal windows', done / windows.length);
    }),
  );
  const all = outputs[FEATURES] ?? new Float32Array();
  const rows = windows.map((_, index) => rowOf(all, windows.length, index));
  return {
    rows: rows.slice(0, shape.length),
    cases: cases.map(({ group, fault, held, event = 0 }, at) => {
      return { row: rows[shape.length + at] ?? [], group, fault, held, event };
    }),
  };
};

/**
 * What is said of the cases, of each taught one as long as it is not taught: at every turn the filters are those of the other events.
 * @param outputs of all cases, which are changed in place. @returns what judges at each turn.
 */
export const judgeUntaught = async (
  input: EquipmentInput,
  parts: JudgingParts,
  taught: Awaited<ReturnType<typeof taughtRows>>,
  outputs: Readonly<Record<string, Float32Array>>,
): Promise<ReadonlyMap<number, JudgingParts>> => {
  const untaught = new Map<number, JudgingParts>();
  if (taught === undefined) return untaught;
  const { layout, folds, wander, openGraph, report } = input;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const own = input.cases.flatMap(({ held }, index) => (held === turn ? [index] : []));
    if (own.length === 0) continue;
    const others = taught.cases.filter(({ held }) => held !== turn);
    const head = taughtHeadOf({ layout, folds, wander, rows: taught.rows, cases: others });
    const windows = own.flatMap((index) => input.cases[index] ?? []);
    const judging = { ...parts, heads: { ...parts.heads, taught: head } };
    untaught.set(turn, judging);
    const judged = await withGraph(openGraph, buildProbeGraph(judging), (session) =>
      runAll(session, windows, layout, (done) => {
        report('judging taught faults as if they were not', (turn + done / windows.length) / TURNS);
      }),
    );
    for (const [name, rows] of Object.entries(judged)) {
      const width = rows.length / own.length;
      own.forEach((index, at) => outputs[name]?.set(rows.subarray(at * width, (at + 1) * width), index * width));
    }
  }
  return untaught;
};
