/**
 * Parameters that stopped coming while the others go on: told, because nothing that is judged can tell it. A silence of all telemetry is
 * a loss of signal and no absence. A pure reducer over frames.
 */
import { staleAfterMs, type Mission } from '../../domain/mission';
import type { AssembledFrame } from './assembler-state';

export interface AbsenceState {
  /** Packet time of the last sample by row, milliseconds; of a parameter that never came the time of the first frame. */
  readonly lastAt: readonly number[];
  /** Frames without a sample of it since then, by row. */
  readonly silent: readonly number[];
  /** Rows that are absent, ascending. */
  readonly absent: readonly number[];
}

/** A parameter, or an equipment for its parameters, went absent or came back. */
export interface AbsenceChange {
  readonly kind: 'parameter' | 'equipment';
  readonly name: string;
  readonly isAbsent: boolean;
  /** Packet time of the last sample, milliseconds: of an equipment the earliest among its absent parameters. */
  readonly since: number;
  /** Packet time of the change, milliseconds. */
  readonly time: number;
  /** The absent parameters of an equipment. */
  readonly parameters: readonly string[];
}

export interface AbsencePlan {
  readonly mission: Mission;
  /** So many frames without a sample are an absence, by row; infinite for what is sent on change. */
  readonly after: readonly number[];
  /** Rows by equipment. */
  readonly equipments: ReadonlyMap<string, readonly number[]>;
}

export const initialAbsence: AbsenceState = { lastAt: [], silent: [], absent: [] };

/** A whole window without a sample, and too old to be held: no window says anything of the parameter any more. */
export const planAbsence = (mission: Mission): AbsencePlan => {
  const { periodMs, window } = mission.sampling;
  const equipments = new Map<string, number[]>();
  mission.parameters.forEach(({ equipment }, row) => {
    if (equipment !== undefined) equipments.set(equipment, [...(equipments.get(equipment) ?? []), row]);
  });
  const after = mission.parameters.map((parameter) =>
    Math.max(Math.ceil(staleAfterMs(mission, parameter) / periodMs), window),
  );
  return { mission, after, equipments };
};

/** What is absent at the moment, equipments last. */
export const absentNow = (plan: AbsencePlan, state: AbsenceState, time: number): readonly AbsenceChange[] => {
  const { mission, equipments } = plan;
  const sinceOf = (row: number): number => state.lastAt[row] ?? time;
  const nameOf = (row: number): string => mission.parameters[row]?.id ?? '';
  const parameters = state.absent.map((row): AbsenceChange => {
    return { kind: 'parameter', name: nameOf(row), isAbsent: true, since: sinceOf(row), time, parameters: [] };
  });
  const affected = [...equipments].flatMap(([name, rows]): AbsenceChange[] => {
    const silent = rows.filter((row) => state.absent.includes(row));
    if (silent.length === 0) return [];
    const since = Math.min(...silent.map(sinceOf));
    return [{ kind: 'equipment', name, isAbsent: true, since, time, parameters: silent.map(nameOf) }];
  });
  return [...parameters, ...affected];
};

const keyOf = ({ kind, name, parameters }: AbsenceChange): string => [kind, name, ...parameters].join(' ');

const changesBetween = (before: readonly AbsenceChange[], after: readonly AbsenceChange[]): AbsenceChange[] => {
  const [known, still] = [new Set(before.map(keyOf)), new Set(after.map(({ kind, name }) => `${kind} ${name}`))];
  const over = before.filter(({ kind, name }) => !still.has(`${kind} ${name}`));
  return [
    ...over.map((change) => ({ ...change, isAbsent: false })),
    ...after.filter((change) => !known.has(keyOf(change))),
  ];
};

/** Takes the next frame. */
export const watchAbsence = (
  plan: AbsencePlan,
  before: AbsenceState,
  { frame: { time }, received }: Pick<AssembledFrame, 'frame' | 'received'>,
): { readonly state: AbsenceState; readonly changes: readonly AbsenceChange[] } => {
  const hasSample = (row: number): boolean => !Number.isNaN(received[row] ?? NaN);
  // Nothing at all came: a frame that is only held says nothing of single parameters.
  if (!plan.after.some((_, row) => hasSample(row))) return { state: before, changes: [] };
  const [lastAt, silent, absent]: [number[], number[], number[]] = [[], [], []];
  plan.after.forEach((after, row) => {
    const isHere = hasSample(row);
    const frames = isHere ? 0 : (before.silent[row] ?? 0) + 1;
    lastAt.push(isHere ? time : (before.lastAt[row] ?? time));
    silent.push(frames);
    if (frames >= after) absent.push(row);
  });
  const isSame = absent.length === before.absent.length && absent.every((row, index) => row === before.absent[index]);
  if (isSame) return { state: { lastAt, silent, absent: before.absent }, changes: [] };
  const state = { lastAt, silent, absent };
  return { state, changes: changesBetween(absentNow(plan, before, time), absentNow(plan, state, time)) };
};

/** Another time base begins at `time`: what is absent stays so, and nothing else has been missed on it yet. */
export const rebaseAbsence = (state: AbsenceState, time: number): AbsenceState => ({
  ...state,
  lastAt: state.lastAt.map(() => time),
});
