/** ROC curve and reliability diagram. */
import type { Calibration } from '../../core/metrics/calibration';
import { rocOf } from '../../core/metrics/roc';
import type { EvaluatedWindow } from '../../fit/evaluate/evaluate-pass';
import { drawing, html, numberOr, pathThrough, type Markup } from '../../core/markup';
import type { ReportModel } from './report-model';

const LEFT = 46;
const TOP = 10;
const SIDE = 290;
const WIDTH = LEFT + SIDE + 14;

const share = (of: number): number => LEFT + of * SIDE;
const height = (of: number): number => TOP + (1 - of) * SIDE;

const frame = (across: readonly (readonly [number, string])[], acrossTitle: string, upTitle: string): Markup =>
  html` ${[0, 0.25, 0.5, 0.75, 1].map((at) => html`<line class="grid" x1="${LEFT}" x2="${LEFT + SIDE}" y1="${height(at)}" y2="${height(at)}" /><text class="end" x="${LEFT - 7}" y="${height(at) + 4}">${String(at * 100)}</text>`)}
    ${across.map(([at, text]) => html`<line class="grid" x1="${share(at)}" x2="${share(at)}" y1="${TOP}" y2="${TOP + SIDE}" /><text class="mid" x="${share(at)}" y="${TOP + SIDE + 17}">${text}</text>`)}
    <text class="mid" x="${LEFT + SIDE / 2}" y="${TOP + SIDE + 36}">${acrossTitle}</text>
    <text class="mid" transform="translate(12 ${TOP + SIDE / 2}) rotate(-90)">${upTitle}</text>`;

/** False-positive rates below a thousandth are all one to the eye; what matters for alarms is between there and a tenth. */
const LEAST_RATE = 1e-3;
const DECADES = 3;
const rateAt = (rate: number): number => Math.max(0, 1 + Math.log10(Math.max(rate, LEAST_RATE)) / DECADES);

const scores = (windows: readonly EvaluatedWindow[], isNominal: boolean): number[] =>
  windows.flatMap(({ truth, score }) => ((truth.kind === 'nominal') === isNominal ? [score] : []));

const rocCurve = ({ windows, evaluation }: ReportModel, index: number): Markup => {
  const points = rocOf(scores(windows, true), scores(windows, false))?.points ?? [];
  const steps = points.flatMap(({ falsePositiveRate, truePositiveRate }, at): (readonly [number, number])[] => {
    const next: readonly [number, number] = [share(rateAt(falsePositiveRate)), height(truePositiveRate)];
    const before = points[at - 1];
    return before === undefined ? [next] : [[share(rateAt(falsePositiveRate)), height(before.truePositiveRate)], next];
  });
  // Neighbours closer than the pen is wide are left out.
  const seen = steps.filter(([x, y], at) => {
    const [px, py] = steps[at - 1] ?? [-9, -9];
    return at === 0 || at === steps.length - 1 || Math.abs(x - px) + Math.abs(y - py) > 0.2;
  });
  const { falsePositiveRate, detectionRate } = evaluation.windows;
  const series = index === 0 ? 'a' : 'b';
  const point =
    falsePositiveRate === null || detectionRate === null
      ? undefined
      : html`<circle class="fill-${series}" cx="${share(rateAt(falsePositiveRate))}" cy="${height(detectionRate)}" r="5"
          ><title>
            ${evaluation.model.id}: ${numberOr(100 * detectionRate, 1)} % found at
            ${numberOr(100 * falsePositiveRate, 2)} % false
          </title></circle
        >`;
  return html`<path class="${series}" stroke-width="2" d="${pathThrough(seen)}" />${point}`;
};

export const rocDiagram = (models: readonly ReportModel[]): Markup => {
  const chance = Array.from({ length: 61 }, (_, index): readonly [number, number] => [
    share(index / 60),
    height(10 ** (DECADES * (index / 60 - 1))),
  ]);
  const ticks = [
    [0, '≤ 0.1'],
    [1 / 3, '1'],
    [2 / 3, '10'],
    [1, '100'],
  ] as const;
  return drawing(WIDTH, TOP + SIDE + 44, 'Receiver operating characteristic', [
    frame(ticks, 'false-positive rate of nominal windows, % (logarithmic)', 'detection rate, %'),
    html`<path class="ideal" fill="none" d="${pathThrough(chance)}" />`,
    ...models.map(rocCurve),
  ]);
};

const BAR_HEIGHT = 46;

/** Accuracy over stated confidence; on the diagonal confidence is earned. Below, how many verdicts each bin holds. */
export const reliabilityDiagram = (calibration: Calibration, index: number): Markup => {
  const series = index === 0 ? 'a' : 'b';
  const most = Math.max(1, ...calibration.bins.map(({ n }) => n));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((at): readonly [number, string] => [at, String(at * 100)]);
  const base = TOP + SIDE + 46 + BAR_HEIGHT + 12;
  const bins = calibration.bins.map(({ from, to, n, confidence, accuracy }) => {
    if (accuracy === null || confidence === null) return html``;
    const [x, width] = [share(from) + 1, share(to) - share(from) - 2];
    const bar = (n / most) * BAR_HEIGHT;
    return html`<g
      ><title>
        ${String(n)} verdicts, mean confidence ${(100 * confidence).toFixed(0)} %, right ${(100 * accuracy).toFixed(0)}
        %
      </title>
      <rect
        class="soft-${series}"
        x="${x}"
        y="${height(accuracy)}"
        width="${width}"
        height="${TOP + SIDE - height(accuracy)}"
      />
      <line
        class="${series}"
        stroke-width="2"
        x1="${x}"
        x2="${x + width}"
        y1="${height(accuracy)}"
        y2="${height(accuracy)}"
      />
      <circle class="fill-${series}" cx="${share(confidence)}" cy="${height(accuracy)}" r="3" />
      <rect class="fill-${series}" opacity=".75" x="${x}" y="${base - bar}" width="${width}" height="${bar}" />
      <text class="mid small" x="${x + width / 2}" y="${base - bar - 3}">${String(n)}</text></g
    >`;
  });
  return drawing(WIDTH, base + 16, 'Reliability diagram', [
    frame(ticks, 'stated confidence, %', 'share that was right, %'),
    html`<line class="ideal" x1="${share(0)}" y1="${height(0)}" x2="${share(1)}" y2="${height(1)}" />`,
    ...bins,
    html`<line class="axis" x1="${LEFT}" x2="${LEFT + SIDE}" y1="${base}" y2="${base}" /><text
        class="mid"
        x="${LEFT + SIDE / 2}"
        y="${base + 15}"
        >verdicts a bin</text
      >`,
  ]);
};
