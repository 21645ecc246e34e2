/** Draws one strip on a canvas: expected band, envelope and mean of what was measured, limits. No library: two hundred are on one page. */
import { rollsOver } from '../../../core/rollover';
import { scaleOf, type LiveRange, type LiveSeries } from '../live-series';
import { colour } from '../theme';

export interface Band {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
}

export interface Palette {
  readonly measured: string;
  readonly expected: string;
  readonly band: string;
  readonly warning: string;
  readonly critical: string;
  readonly grid: string;
}

/** Read once for all strips: asking the style sheet costs more than a drawing. */
export const readPalette = (): Palette => ({
  measured: colour('measured'),
  expected: colour('expected'),
  band: colour('band'),
  warning: colour('caution'),
  critical: colour('serious'),
  grid: colour('grid'),
});

interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly x: (point: number) => number;
  readonly y: (value: number) => number;
}

/** The canvas as large as its place, in device pixels. */
export const fit = (canvas: HTMLCanvasElement): CanvasRenderingContext2D | null => {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext('2d');
};

/** A filled area between two rows; holes stay holes. */
const area = ({ context, x, y }: Frame, low: Float64Array, high: Float64Array): void => {
  context.beginPath();
  for (let at = 0; at < low.length; at += 1) {
    const [from, to] = [low[at] ?? NaN, high[at] ?? NaN];
    if (Number.isNaN(from) || Number.isNaN(to)) continue;
    const top = y(to);
    context.rect(x(at), top, x(at + 1) - x(at) + 0.5, Math.max(1, y(from) - top));
  }
  context.fill();
};

/** Breaks where nothing was measured, between points that it rolled over between, and at a point it rolled over in. */
const line = ({ context, x, y }: Frame, { mean, min, max }: LiveSeries, modulus: number | null): void => {
  context.beginPath();
  let isDown = false;
  let before = NaN;
  for (let at = 0; at < mean.length; at += 1) {
    const value = mean[at] ?? NaN;
    if (Number.isNaN(value) || rollsOver(min[at] ?? NaN, max[at] ?? NaN, modulus)) {
      isDown = false;
      continue;
    }
    if (isDown && !rollsOver(before, value, modulus)) context.lineTo(x(at + 0.5), y(value));
    else context.moveTo(x(at + 0.5), y(value));
    isDown = true;
    before = value;
  }
  context.stroke();
};

const level = ({ context, width, height, y }: Frame, value: number, stroke: string): void => {
  const at = Math.round(y(value)) + 0.5;
  if (at < 0 || at > height) return;
  context.strokeStyle = stroke;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(0, at);
  context.lineTo(width, at);
  context.stroke();
  context.setLineDash([]);
};

const frameOf = (
  context: CanvasRenderingContext2D,
  points: number,
  [least, most]: readonly [number, number],
): Frame => {
  const { width, height } = context.canvas;
  return {
    context,
    width,
    height,
    x: (point) => (point / points) * width,
    y: (value) => height - ((value - least) / (most - least)) * height,
  };
};

const bandsOn = ({ context, width, height }: Frame, range: LiveRange, bands: readonly Band[]): void => {
  for (const { from, to, colour: fill } of bands) {
    const across = (time: number): number =>
      Math.min(width, Math.max(0, ((time - range.from) / (range.to - range.from)) * width));
    context.fillStyle = fill;
    context.fillRect(across(from), 0, Math.max(1, across(to) - across(from)), height);
  }
};

export interface StripLimits {
  readonly warning: readonly (number | null)[];
  readonly critical: readonly (number | null)[];
}

export const drawStrip = (
  canvas: HTMLCanvasElement,
  {
    range,
    series,
    limits,
    bands,
    palette,
    modulus,
  }: {
    readonly range: LiveRange;
    readonly series: LiveSeries;
    readonly limits: StripLimits;
    readonly bands: readonly Band[];
    readonly palette: Palette;
    /** What the parameter rolls over at. */
    readonly modulus: number | null;
  },
): void => {
  const context = fit(canvas);
  if (context === null) return;
  const frame = frameOf(context, range.points, scaleOf(series));
  context.clearRect(0, 0, frame.width, frame.height);
  bandsOn(frame, range, bands);
  context.globalAlpha = 0.22;
  context.fillStyle = palette.expected;
  area(frame, series.low, series.high);
  context.globalAlpha = 0.5;
  context.fillStyle = palette.measured;
  area(frame, series.min, series.max);
  context.globalAlpha = 1;
  context.lineWidth = devicePixelRatio;
  context.strokeStyle = palette.measured;
  line(frame, series, modulus);
  for (const limit of limits.warning) if (limit !== null) level(frame, limit, palette.warning);
  for (const limit of limits.critical) if (limit !== null) level(frame, limit, palette.critical);
};

/** The score against its threshold. */
export const drawScore = (
  canvas: HTMLCanvasElement,
  { range, bands, palette }: { readonly range: LiveRange; readonly bands: readonly Band[]; readonly palette: Palette },
): void => {
  const context = fit(canvas);
  if (context === null) return;
  const { score, threshold } = range;
  const most = score.reduce((top, value) => (value > top ? value : top), threshold ?? 0);
  const frame = frameOf(context, range.points, [0, Math.max(1e-9, most * 1.08)]);
  context.clearRect(0, 0, frame.width, frame.height);
  bandsOn(frame, range, bands);
  context.fillStyle = palette.measured;
  context.globalAlpha = 0.55;
  area(
    frame,
    score.map((value) => (Number.isNaN(value) ? NaN : 0)),
    score,
  );
  context.globalAlpha = 1;
  context.lineWidth = devicePixelRatio;
  if (threshold !== null) level(frame, threshold, palette.critical);
};
