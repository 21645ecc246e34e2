/** Which windows of a labelled pass are judged, and what is true of each. */
import type { AssemblyItem, AssembledFrame } from '../../core/telemetry/assembler-state';
import { isUsable } from '../../core/telemetry/usable';
import { assembleWindows, cutWindow, initialWindows } from '../../core/telemetry/window-assembler';
import type { Mission } from '../../domain/mission';
import type { Label, Window } from '../../domain/telemetry';

/** `stream`: the windows the daemon would cut. `independent`: every consecutive block of frames is a case of its own. */
export type WindowMode = 'stream' | 'independent';

/**
 * `nominal`: no frame is labelled. `inside`: all frames are in one label and in no other. `partial`: anything between; such a
 * window is anomalous for detection, but what it should be called is open.
 */
export type WindowTruth =
  { readonly kind: 'nominal' } | { readonly kind: 'inside'; readonly label: Label } | { readonly kind: 'partial' };

/** In packet-time order: a window to score, one that cannot be, or the loss of telemetry that closes what is open. */
export type EvaluationStep =
  | { readonly kind: 'window'; readonly window: Window }
  | { readonly kind: 'unscored'; readonly parameters: readonly string[] }
  | { readonly kind: 'lost'; readonly time: number };

/** Labels moved to the sampling instants their samples count for: as samples, each end belongs to the nearest one. */
export const snapLabels = (labels: readonly Label[], periodMs: number): readonly Label[] => {
  const snap = (time: number): number => Math.round(time / periodMs) * periodMs;
  return labels.map((label) => ({ ...label, start: snap(label.start), end: snap(label.end) }));
};

/** @param labels snapped to the sampling instants. */
export const truthOf = ({ start, end }: { start: number; end: number }, labels: readonly Label[]): WindowTruth => {
  const own = labels.filter((label) => label.start <= end && start <= label.end);
  const [label] = own;
  if (label === undefined) return { kind: 'nominal' };
  return own.length === 1 && label.start <= start && end <= label.end ? { kind: 'inside', label } : { kind: 'partial' };
};

const windowOrUnscored = (window: Window, infers: boolean): EvaluationStep =>
  isUsable(window, infers) ? { kind: 'window', window } : { kind: 'unscored', parameters: window.unusable };

const streamWindows = (mission: Mission, assembled: readonly AssemblyItem[], infers: boolean): EvaluationStep[] => {
  let state = initialWindows;
  return assembled.flatMap((item): EvaluationStep[] => {
    const step = assembleWindows(mission, state, item);
    state = step.state;
    const spanGap = Array.from({ length: step.unscored }, (): EvaluationStep => ({ kind: 'unscored', parameters: [] }));
    const lost: EvaluationStep[] = item.kind === 'gap' ? [{ kind: 'lost', time: item.lostAt }] : [];
    return [...spanGap, ...lost, ...(step.window === undefined ? [] : [windowOrUnscored(step.window, infers)])];
  });
};

/** Blocks count the frames that are in the recording, held ones not: as `fdir inject --independent` counts them. */
const independentWindows = (
  mission: Mission,
  assembled: readonly AssemblyItem[],
  infers: boolean,
): EvaluationStep[] => {
  const { window, periodMs } = mission.sampling;
  const recorded = assembled.filter(
    (item): item is AssembledFrame => item.kind === 'frame' && !item.received.every(Number.isNaN),
  );
  return Array.from({ length: Math.floor(recorded.length / window) }, (_, block): EvaluationStep => {
    const cut = cutWindow(mission, recorded.slice(block * window, (block + 1) * window));
    const isWhole = cut.end - cut.start === (window - 1) * periodMs;
    return isWhole ? windowOrUnscored(cut, infers) : { kind: 'unscored', parameters: [] };
  });
};

export const windowsToJudge = (
  mode: WindowMode,
  mission: Mission,
  assembled: readonly AssemblyItem[],
  /** Whether the model infers samples that were not measured. */
  infers = false,
): readonly EvaluationStep[] =>
  mode === 'stream' ? streamWindows(mission, assembled, infers) : independentWindows(mission, assembled, infers);
