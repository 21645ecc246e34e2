/** What became of one simulated fault, told from the commands that the rules of AURORA-1 asked for. */
import type { ActionEvent } from '../domain/events';
import { wheelId, type Fault, type FaultKind } from '../simulate/faults';

/** What cures each fault, or takes the load from a wheel that is suspected of it. */
const CURES: Readonly<Record<FaultKind, readonly string[]>> = {
  'friction-rise': ['LIMIT_WHEEL_SPEED'],
  'stuck-tachometer': ['SELECT_WHEEL_SPEED_SOURCE'],
  'torque-loss': ['SELECT_THREE_WHEEL_STEERING', 'UNLOAD_WHEEL'],
  'temperature-drift': ['SELECT_BEARING_TEMPERATURE_SOURCE'],
  'current-noise': ['SET_WHEEL_CURRENT_FILTER'],
  dropout: ['SWITCH_WHEEL_DRIVE'],
};

/** Commands that change nothing on board but who knows of it. */
const CALLS: ReadonlySet<string> = new Set([
  'REQUEST_GROUND_ASSESSMENT',
  'HOLD_AND_CALL_GROUND',
  'DUMP_HIGH_RATE_BUFFER',
]);

/**
 * The worst that happened, then the best. It is a command to a healthy wheel, a command to the right wheel for another fault, the
 * cure, a call to people, or nothing.
 */
export const recoveryOutcomes = ['otherWheel', 'otherCommand', 'cured', 'called', 'unanswered'] as const;
export type RecoveryOutcome = (typeof recoveryOutcomes)[number];

type RequestedAction = Pick<ActionEvent, 'command' | 'arguments' | 'time' | 'authority' | 'disposition'>;

/** Whether it could leave, with a person's word or without; advice is a person's to take or leave. */
const isOrder = ({ authority }: RequestedAction): boolean =>
  authority?.asked === 'automatic' || authority?.asked === 'confirm';

const wheelOf = ({ arguments: { wheel, exclude } }: RequestedAction): unknown => wheel ?? exclude;

/** `delayMs` is from the onset of the fault to the cure. `left` says that a daemon that may act would have sent it on its own. */
export const outcomeOf = (
  { kind, wheel, start }: Fault,
  asked: readonly RequestedAction[],
): { readonly outcome: RecoveryOutcome; readonly delayMs: number | undefined; readonly left: boolean } => {
  const isCure = (item: RequestedAction): boolean =>
    CURES[kind].includes(item.command) && wheelOf(item) === wheelId(wheel);
  const changing = asked.filter((item) => isOrder(item) && !CALLS.has(item.command));
  const cure = changing.find(isCure);
  const outcome = (): RecoveryOutcome => {
    if (changing.some((item) => wheelOf(item) !== wheelId(wheel))) return 'otherWheel';
    if (!changing.every(isCure)) return 'otherCommand';
    if (cure !== undefined) return 'cured';
    return asked.length > 0 ? 'called' : 'unanswered';
  };
  const left = changing.some((item) => isCure(item) && item.disposition === 'request');
  return { outcome: outcome(), delayMs: cure === undefined ? undefined : Date.parse(cure.time) - start, left };
};
