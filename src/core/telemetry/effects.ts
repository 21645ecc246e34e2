/**
 * Effects that the mission declares for its telecommands. A declared effect is expected and not alarmed. Its samples count as not
 * measured: the other parameters imply them, and nothing is remembered of them. A limit is as wide as `allow` says. Nothing is learned
 * from what occurs together.
 */
import type { Mission } from '../../domain/mission';
import type { AssembledFrame } from './assembler-state';
import { sentBetween, type TelecommandState } from './telecommands';

type Range = readonly [low: number, high: number];

interface PlannedRow {
  readonly row: number;
  /** Undefined: any value is expected. */
  readonly allow: Range | undefined;
}

export interface PlannedEffect {
  readonly command: string;
  readonly withinMs: number;
  readonly rows: readonly PlannedRow[];
}

export type EffectPlan = readonly PlannedEffect[];

export const planEffects = ({ effects = [], parameters }: Mission): EffectPlan =>
  effects.map(({ command, parameters: names, within, allow }) => ({
    command,
    withinMs: within,
    rows: names.map((id) => ({
      row: parameters.findIndex((parameter) => parameter.id === id),
      allow: Array.isArray(allow) ? (allow as Range) : (allow as Readonly<Record<string, Range>> | undefined)?.[id],
    })),
  }));

const isWithin = (value: number, allow: Range | undefined): boolean =>
  allow === undefined || (value >= allow[0] && value <= allow[1]);

/**
 * The frame with the rows that declared effects explain; the same object when there are none. A value outside `allow` is not explained.
 * The last telecommand of a name suffices: an effect lasts equally long after each of them.
 * @param state as of the frame's time.
 */
export const withExcused = (plan: EffectPlan, { last }: TelecommandState, item: AssembledFrame): AssembledFrame => {
  const { time, values } = item.frame;
  const due = plan.filter(({ command, withinMs }) => time - (last[command] ?? -Infinity) <= withinMs);
  if (due.length === 0) return item;
  const excused = new Set<number>();
  for (const { row, allow } of due.flatMap(({ rows }) => rows)) {
    const value = values[row] ?? NaN;
    if (!Number.isNaN(value) && isWithin(value, allow)) excused.add(row);
  }
  return excused.size === 0 ? item : { ...item, excused: [...excused].sort((a, b) => a - b) };
};

/** Ranges that declared effects allow at a packet time, by row of the parameter; only those that say `allow`. */
export const allowedAt = (plan: EffectPlan, state: TelecommandState, time: number): ReadonlyMap<number, Range> => {
  const allowed = new Map<number, Range>();
  for (const { command, withinMs, rows } of plan) {
    if (!sentBetween(state, time - withinMs, time).some(({ name }) => name === command)) continue;
    for (const { row, allow } of rows) {
      const before = allowed.get(row);
      if (allow === undefined) continue;
      allowed.set(row, before === undefined ? allow : [Math.min(before[0], allow[0]), Math.max(before[1], allow[1])]);
    }
  }
  return allowed;
};
