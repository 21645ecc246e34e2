/** Frames gain the telecommands that were sent by then, the parameters that stand for one, and what declared effects explain. */
import { planFlags, withFlags } from '../core/telemetry/command-flags';
import { planEffects, withExcused } from '../core/telemetry/effects';
import {
  initialTelecommands,
  rebaseTelecommands,
  telecommandsAt,
  tellTelecommands,
  type TelecommandMemory,
  type TelecommandState,
} from '../core/telemetry/telecommands';
import type { Mission } from '../domain/mission';
import type { Telecommand } from '../domain/telecommand';
import { enrich } from './enrich';
import { isFrame, type WithFrames } from './with-frames';

export interface WithTelecommandState {
  /** As of before the first frame of the event; `telecommandsAt` leads to each of them. */
  readonly commanded: TelecommandState;
}

interface Commandable extends WithFrames {
  readonly telecommands?: readonly Telecommand[];
}

export const noTelecommands: TelecommandMemory = { state: initialTelecommands, reached: 0 };

export const withTelecommands = <E extends Commandable>(mission: Mission, initial = noTelecommands) => {
  const flags = planFlags(mission);
  const effects = planEffects(mission);
  return enrich(
    initial,
    (before, { telecommands = [], assembled, beginsBase }: E) => {
      const base =
        beginsBase === undefined ? before : { state: rebaseTelecommands(before.state, beginsBase.to), reached: 0 };
      const commanded = tellTelecommands(base.state, telecommands, base.reached);
      let [state, reached] = [commanded, base.reached];
      const told = assembled.map((item) => {
        if (!isFrame(item)) return item;
        reached = item.frame.time;
        state = telecommandsAt(state, reached);
        return withExcused(effects, state, withFlags(flags, state, item));
      });
      const added: WithTelecommandState & Pick<WithFrames, 'assembled'> = { commanded, assembled: told };
      const isSame = state === before.state && reached === before.reached;
      return { state: isSame ? before : { state, reached }, added };
    },
    (telecommands) => ({ telecommands }),
  );
};
