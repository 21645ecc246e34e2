/** Parameters that stand for telecommands: 1 for a while after one, else 0, in every frame alike whether fitted, replayed or live. */
import type { Mission } from '../../domain/mission';
import type { AssembledFrame } from './assembler-state';
import type { TelecommandState } from './telecommands';

interface Flag {
  readonly row: number;
  readonly name: string;
  readonly holdMs: number;
}

export type FlagPlan = readonly Flag[];

export const planFlags = ({ parameters }: Mission): FlagPlan =>
  parameters.flatMap(({ command }, row) =>
    command === undefined ? [] : [{ row, name: command.name, holdMs: command.hold }],
  );

/** The frame with its flags; the same object when there are none. @param state as of the frame's time. */
export const withFlags = (plan: FlagPlan, { last }: TelecommandState, item: AssembledFrame): AssembledFrame => {
  if (plan.length === 0) return item;
  const values = item.frame.values.slice();
  const received = item.received.slice();
  for (const { row, name, holdMs } of plan)
    values[row] = received[row] = item.frame.time - (last[name] ?? -Infinity) <= holdMs ? 1 : 0;
  return { ...item, received, frame: { ...item.frame, values } };
};
