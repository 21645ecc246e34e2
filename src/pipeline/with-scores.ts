/**
 * Windows gain their inference: score, reconstruction and every peephole in one run of the graph. One window a run, because
 * a batch may round differently and a live run must decide exactly as its replay does.
 */
import { describeError } from '../domain/errors';
import type { Observable } from 'rxjs';
import type { Inference, ScoredWindow } from '../domain/scored-window';
import { concatMapAhead } from './concat-map-ahead';
import type { Diagnostics, Scorer } from './ports';
import { isNotYetJudged } from '../core/not-yet-judged';
import { scoreWindow } from '../core/anomaly/score-window';
import type { TelemetryGap, WithWindows } from './with-windows';

export type JudgedWindow = { readonly kind: 'scored'; readonly scored: ScoredWindow } | TelemetryGap;

/** How the last inference of an arrival went; undefined when there was none. */
export type InferenceState = { readonly works: boolean; readonly reason: string } | undefined;

export interface WithScores {
  readonly judged: readonly JudgedWindow[];
  readonly unscored: number;
  /** Of those: windows of a time that the model says nothing about. */
  readonly notYetJudged?: number | undefined;
  readonly inference: InferenceState;
}

const isFinite = ({ score, pValue, peepholes, heads = [], ...arrays }: Inference): boolean =>
  Number.isFinite(score) &&
  Number.isFinite(pValue) &&
  [...Object.values(arrays), ...peepholes, ...heads.map(({ deviation }) => deviation)].every(
    (values) => values === undefined || values.every((value) => Number.isFinite(value)),
  );

/** A window whose inference fails is unscored, and the part is reported; the next window is tried as usual. */
const scoreAll = async <E extends WithWindows>(
  event: E,
  scorer: Scorer,
  diagnostics: Diagnostics,
  seen: (scored: ScoredWindow) => void,
) => {
  const judged: JudgedWindow[] = [];
  let unscored = event.unscored;
  let early = 0;
  let inference: InferenceState;
  for (const item of event.due) {
    if (item.kind === 'lost') {
      judged.push(item);
      continue;
    }
    if (isNotYetJudged(scorer.manifest, item.window.end)) {
      unscored += 1;
      early += 1;
      continue;
    }
    try {
      const found = await scoreWindow(scorer, item.window);
      if (found === undefined || !isFinite(found)) throw new Error('the model gave no finite numbers');
      const scored = { window: item.window, inference: found };
      judged.push({ kind: 'scored', scored });
      seen(scored);
      inference = { works: true, reason: '' };
      diagnostics.vital('inference', true);
    } catch (error) {
      unscored += 1;
      const reason = describeError(error);
      inference = { works: false, reason };
      diagnostics.vital('inference', false, reason);
    }
  }
  return { ...event, judged, unscored, inference, ...(early > 0 && { notYetJudged: early }) };
};

/**
 * @param most arrivals whose windows may be with the scorer at once. A scorer in a thread of its own need not wait until the
 * arrival before is dealt with.
 */
export const withScores =
  <E extends WithWindows>(
    scorer: Scorer,
    diagnostics: Diagnostics,
    seen: (scored: ScoredWindow) => void = () => undefined,
    most = 1,
  ) =>
  (events$: Observable<E>): Observable<Omit<E, keyof WithScores> & WithScores> =>
    events$.pipe(
      concatMapAhead<E, Omit<E, keyof WithScores> & WithScores>(most, (event) =>
        event.due.length === 0
          ? { ...event, judged: [], inference: undefined }
          : scoreAll(event, scorer, diagnostics, seen),
      ),
    );
