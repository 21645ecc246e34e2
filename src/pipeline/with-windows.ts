/** Frames gain the windows that end with them; windows that cannot be scored are counted here. */
import { assembleWindows, initialWindows, type WindowState } from '../core/telemetry/window-assembler';
import { hasEnough, withStandIns } from '../core/telemetry/usable';
import type { Mission } from '../domain/mission';
import type { Window } from '../domain/telemetry';
import { enrich } from './enrich';
import type { WithFrames } from './with-frames';

/** Telemetry was lost for longer than can be judged: packet time, milliseconds. */
export interface TelemetryGap {
  readonly kind: 'lost';
  readonly time: number;
}

/** What the scorer has to deal with, in packet-time order. */
export type ScorerInput = { readonly kind: 'window'; readonly window: Window } | TelemetryGap;

export interface WithWindows {
  readonly due: readonly ScorerInput[];
  /** Windows that came due, scored or not. */
  readonly windows: number;
  readonly unscored: number;
}

/** The window as a model takes it; undefined when it holds too little. */
const scorable = (window: Window, meansOf: () => readonly number[] | undefined): Window | undefined => {
  if (window.unusable.length === 0) return window;
  if (!hasEnough(window)) return undefined;
  const means = meansOf();
  return means === undefined ? window : withStandIns(window, means);
};

/** @param meansOf nominal means by row of a model in use that infers nothing; undefined when it infers what was not measured. */
export const withWindows = <E extends WithFrames>(
  mission: Mission,
  initial: WindowState = initialWindows,
  meansOf: () => readonly number[] | undefined = () => undefined,
) =>
  enrich(
    initial,
    (before, { assembled, endsBase }: E) => {
      const due: ScorerInput[] = [];
      let state = before;
      let windows = 0;
      let unscored = 0;
      for (const item of assembled) {
        const step = assembleWindows(mission, state, item);
        state = step.state;
        unscored += step.unscored;
        windows += step.unscored;
        if (item.kind === 'gap') due.push({ kind: 'lost', time: item.lostAt });
        if (step.window === undefined) continue;
        windows += 1;
        const window = scorable(step.window, meansOf);
        if (window === undefined) unscored += 1;
        else due.push({ kind: 'window', window });
      }
      if (endsBase !== undefined) {
        // No window and no anomaly reaches into another time base.
        state = initialWindows;
        due.push({ kind: 'lost', time: endsBase.from + mission.sampling.periodMs });
      }
      const added: WithWindows = { due, windows, unscored };
      return { state, added };
    },
    (windows) => ({ windows }),
  );
