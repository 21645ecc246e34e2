/** Which nominal windows teach what is remembered. */
import { absentRows } from '../core/anomaly/absent';
import { framesSeen } from '../core/telemetry/summaries';
import type { Window } from '../domain/telemetry';
import type { Layout } from './layout';

/** If fewer of the windows remember every parameter, a parameter is so often absent that all windows have to do. */
const LEAST_WHOLE = 0.5;

/**
 * Indices of the windows whose memory holds at least `warm` frames, and every scored parameter. What is remembered of a parameter that is
 * absent, or that a declared effect explains, is old, and would teach relations that never were.
 */
export const rememberedWindows = (
  windows: readonly Window[],
  warm: number,
  { conditions }: Pick<Layout, 'conditions'>,
): readonly number[] => {
  const ready = windows.flatMap(({ memory }, index) =>
    memory !== undefined && framesSeen(memory) >= warm ? [{ index, memory }] : [],
  );
  const whole = ready.filter(({ memory }) => absentRows(memory).every((row) => conditions.includes(row)));
  return (whole.length < LEAST_WHOLE * ready.length ? ready : whole).map(({ index }) => index);
};
