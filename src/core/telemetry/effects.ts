/**
 * Effects that the mission declares for its telecommands. A declared effect is expected and not alarmed. Its samples are judged
 * as if the other parameters had implied them. A limit is as wide as `allow` says. Nothing is learned from what occurs together.
 */
import type { Mission } from '../../domain/mission';
import type { Telecommand } from '../../domain/telecommand';
import type { Window } from '../../domain/telemetry';
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

/** Cells of a window (row * frames + column) that a declared effect explains; a value outside `allow` is not explained. */
export const expectedCells = (
  plan: EffectPlan,
  state: TelecommandState,
  { start, end, values }: Window,
  frames: number,
): readonly number[] => {
  const cells = new Set<number>();
  const period = frames > 1 ? (end - start) / (frames - 1) : 0;
  for (const { command, withinMs, rows } of plan) {
    for (const sent of sentBetween(state, start - withinMs, end)) {
      if (sent.name !== command) continue;
      for (let column = 0; column < frames; column += 1) {
        const time = start + column * period;
        if (time < sent.time || time > sent.time + withinMs) continue;
        for (const { row, allow } of rows) {
          const cell = row * frames + column;
          if (isWithin(values[cell] ?? NaN, allow)) cells.add(cell);
        }
      }
    }
  }
  return [...cells].sort((a, b) => a - b);
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

/** Windows gain the cells that declared effects explain. @param telecommands all of the time of the recording, ascending. */
export const withExpectedCells = (
  mission: Mission,
  telecommands: readonly Telecommand[],
): ((window: Window) => Window) => {
  const plan = planEffects(mission);
  if (plan.length === 0 || telecommands.length === 0) return (window) => window;
  const longest = Math.max(...plan.map(({ withinMs }) => withinMs));
  return (window) => {
    const recent = telecommands.filter(({ time }) => time >= window.start - longest && time <= window.end);
    const expected = expectedCells(plan, { last: {}, recent, ahead: [] }, window, mission.sampling.window);
    return expected.length === 0 ? window : { ...window, expected };
  };
};
