/** Scores of independent windows, a strip for each kind: what the threshold separates, and what it does not. */
import { drawing, html, nameWidth, shortName, type Markup } from '../../core/markup';
import type { ReportModel } from './report-model';
import { scoreScale } from './scale';

/** Room for the number of windows beside a name, and for the rate at the right. */
const COUNT_WIDTH = 34;
const RATE_WIDTH = 56;
const ROW = 34;
const TOP = 22;
/** Dots beyond these add ink, not insight; the extremes are kept. */
const MAX_DOTS = 300;

/** Evenly spread over the strip and the same in every run: multiples of the golden ratio. */
const spread = (index: number): number => ((index * 0.618_034) % 1) - 0.5;

const thin = (scores: readonly number[]): readonly number[] => {
  const rising = [...scores].sort((a, b) => a - b);
  if (rising.length <= MAX_DOTS) return rising;
  return Array.from(
    { length: MAX_DOTS },
    (_, index) => rising[Math.round((index * (rising.length - 1)) / (MAX_DOTS - 1))] ?? 0,
  );
};

/** @param width of the drawing; two of them stand side by side. */
export const scoreStrips = (
  { windows, evaluation }: ReportModel,
  index: number,
  width: number,
  titleOf: (id: string) => string,
): Markup => {
  const threshold = evaluation.threshold.value;
  const scale = scoreScale(
    windows.map(({ score }) => score),
    threshold,
  );
  const kinds = new Map<string, number[]>([['nominal', []]]);
  for (const { truth, score } of windows) {
    const name =
      truth.kind === 'inside' ? titleOf(truth.label.fault === '' ? 'labelled' : truth.label.fault) : 'nominal';
    const own = kinds.get(name);
    if (own === undefined) kinds.set(name, [score]);
    else own.push(score);
  }
  const left = nameWidth([...kinds.keys()]) + COUNT_WIDTH;
  const plot = width - left - RATE_WIDTH;
  const x = (score: number): number => left + plot * scale.at(score);
  const bottom = TOP + kinds.size * ROW;
  const strips = [...kinds].map(([name, scores], row) => {
    const middle = TOP + (row + 0.5) * ROW;
    const above = scores.filter((score) => score >= threshold).length;
    const colour = row === 0 ? 'var(--faint)' : index === 0 ? 'var(--a)' : 'var(--b)';
    const dots = thin(scores).map(
      (score, at) => html`<circle cx="${x(score)}" cy="${middle + spread(at) * ROW * 0.6}" r="1.9" />`,
    );
    return html`<text class="end ink" x="${left - COUNT_WIDTH - 4}" y="${middle + 4}">${shortName(name)}</text
      ><text class="end small" x="${left - 10}" y="${middle + 4}">${String(scores.length)}</text>
      <line class="grid" x1="${left}" x2="${left + plot}" y1="${middle + ROW / 2}" y2="${middle + ROW / 2}" />
      <g style="fill:${colour};fill-opacity:.55">${dots}</g>
      <text class="ink" x="${left + plot + 8}" y="${middle + 4}"
        >${scores.length === 0 ? '' : `${((100 * above) / scores.length).toFixed(1)} %`}</text
      >`;
  });
  return drawing(width, bottom + 30, `Scores by kind of window, ${evaluation.model.id}`, [
    ...scale.ticks.map(
      (tick) =>
        html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${bottom}" /><text
            class="mid"
            x="${x(tick)}"
            y="${bottom + 16}"
            >${String(tick)}</text
          >`,
    ),
    ...strips,
    html`<line class="threshold" x1="${x(threshold)}" x2="${x(threshold)}" y1="${TOP - 4}" y2="${bottom}" /><text
        class="mid"
        x="${x(threshold)}"
        y="${TOP - 9}"
        >threshold</text
      >`,
  ]);
};
