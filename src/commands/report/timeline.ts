/** Score over time with labels above and anomalies below; long passes are folded into several rows. */
import type { Label } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import type { EvaluatedWindow } from '../../fit/evaluate/evaluate-pass';
import { drawing, html, pathThrough, type Markup } from '../../core/markup';
import type { EvaluationReport, ReportModel } from './report-model';
import { scoreScale, type ScoreScale } from './scale';

const WIDTH = 1190;
const LEFT = 46;
const RIGHT = 8;
const PLOT = WIDTH - LEFT - RIGHT;
const LANE = 26;
const CURVE = 170;
const ROW = LANE + CURVE + 24 + 26;
/** More than this in one row and an event is narrower than its number. */
const ROW_MS = 16 * 3_600_000;
const MAX_ROWS = 6;
const TICKS_MIN = [5, 10, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14_400];

interface Row {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly scale: ScoreScale;
}

const xOf = ({ from, to }: Row, time: number): number =>
  LEFT + (PLOT * (Math.min(to, Math.max(from, time)) - from)) / (to - from);
const yOf = ({ top, scale }: Row, score: number): number => top + LANE + CURVE * (1 - scale.at(score));
const isIn = ({ from, to }: Row, start: number, end: number): boolean => start <= to && end >= from;

/** Highest and lowest score of every pixel column: nothing that stands out is lost. */
const columnsOf = (row: Row, windows: readonly EvaluatedWindow[]) => {
  const columns: { x: number; time: number; low: number; high: number }[] = [];
  for (const { end, score } of windows) {
    if (!isIn(row, end, end)) continue;
    const x = Math.round(xOf(row, end));
    const last = columns.at(-1);
    if (last?.x === x) {
      last.low = Math.min(last.low, score);
      last.high = Math.max(last.high, score);
      last.time = end;
    } else columns.push({ x, time: end, low: score, high: score });
  }
  return columns;
};

const curves = (row: Row, windows: readonly EvaluatedWindow[], gapMs: number, series: string): readonly Markup[] => {
  const pieces: ReturnType<typeof columnsOf>[] = [];
  for (const column of columnsOf(row, windows)) {
    const piece = pieces.at(-1);
    const last = piece?.at(-1);
    if (piece === undefined || last === undefined || column.time - last.time > gapMs) pieces.push([column]);
    else piece.push(column);
  }
  return pieces.map((piece) => {
    const upper = piece.map(({ x, high }): readonly [number, number] => [x, yOf(row, high)]);
    const lower = piece.map(({ x, low }): readonly [number, number] => [x, yOf(row, low)]).reverse();
    return html`<path class="soft-${series}" d="${pathThrough([...upper, ...lower])}Z" /><path
        class="${series}"
        stroke-width="1.3"
        stroke-linejoin="round"
        d="${pathThrough(upper)}"
      />`;
  });
};

const timeAxis = (row: Row): readonly Markup[] => {
  const minutes = (row.to - row.from) / 60_000;
  const step = (TICKS_MIN.find((candidate) => minutes / candidate <= 13) ?? 28_800) * 60_000;
  const first = Math.ceil(row.from / step) * step;
  const bottom = row.top + LANE + CURVE;
  return Array.from({ length: Math.floor((row.to - first) / step) + 1 }, (_, index) => {
    const time = first + index * step;
    const iso = isoTime(time);
    const text = iso.slice(11, 16) === '00:00' ? iso.slice(5, 10) : iso.slice(11, 16);
    const x = xOf(row, time);
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${row.top + LANE}" y2="${bottom}" /><text
        class="mid"
        x="${x}"
        y="${bottom + 38}"
        >${text}</text
      >`;
  });
};

const labelBands = (row: Row, labels: readonly Label[], model: ReportModel): readonly Markup[] =>
  labels.flatMap((label, index) => {
    if (!isIn(row, label.start, label.end)) return [];
    const x = xOf(row, label.start);
    const width = Math.max(2, xOf(row, label.end) - x);
    const found = (model.matches[index]?.anomalies.length ?? 0) > 0;
    const name = `event ${String(index + 1)}: ${label.equipment} ${label.fault}, ${isoTime(label.start)} to ${isoTime(label.end)}, ${found ? 'found' : 'missed'}`;
    return [
      html`<g
        ><title>${name}</title
        ><rect class="label-band" x="${x}" y="${row.top + LANE}" width="${width}" height="${CURVE}" />
        <rect
          class="${found ? 'label-bar' : 'missed-bar'}"
          x="${x}"
          y="${row.top + 17}"
          width="${width}"
          height="7"
          rx="2"
        />
        <text class="mid ink small" x="${x + width / 2}" y="${row.top + 12}">${String(index + 1)}</text></g
      >`,
    ];
  });

const anomalyBars = (row: Row, { anomalies, matches }: ReportModel): readonly Markup[] => {
  const right = new Set(matches.flatMap((match) => match.anomalies));
  return anomalies.flatMap(({ anomaly: { start, lastHit, verdict } }, index) => {
    if (!isIn(row, start, lastHit)) return [];
    const x = xOf(row, start);
    const kind = right.has(index) ? 'good' : 'bad';
    const name = `${right.has(index) ? 'anomaly' : 'false anomaly'}: ${verdict.equipment} ${verdict.fault} (${String(Math.round(verdict.confidence * 100))} %), ${isoTime(start)} to ${isoTime(lastHit)}`;
    return [
      html`<rect
        class="${kind}"
        x="${x}"
        y="${row.top + LANE + CURVE + 6}"
        width="${Math.max(3, xOf(row, lastHit) - x)}"
        height="9"
        rx="2"
        ><title>${name}</title></rect
      >`,
    ];
  });
};

const drawRow = (row: Row, report: EvaluationReport, model: ReportModel, index: number): Markup => {
  const { periodMs, stride } = report.mission.sampling;
  const threshold = model.evaluation.threshold.value;
  const line = yOf(row, threshold);
  return html` ${row.scale.ticks.map((tick) => html`<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${yOf(row, tick)}" y2="${yOf(row, tick)}" /><text class="end" x="${LEFT - 7}" y="${yOf(row, tick) + 4}">${String(tick)}</text>`)}
    ${timeAxis(row)}${labelBands(row, report.pass.labels, model)}
    ${curves(row, model.windows, 4 * stride * periodMs, index === 0 ? 'a' : 'b')}
    <line class="threshold" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${line}" y2="${line}"
      ><title>threshold ${threshold.toPrecision(4)}</title></line
    >
    <line class="axis" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${row.top + LANE + CURVE}" y2="${row.top + LANE + CURVE}" />
    ${anomalyBars(row, model)}`;
};

export const timeline = (report: EvaluationReport, model: ReportModel, index: number): Markup => {
  const [from, to] = [report.pass.times[0] ?? 0, report.pass.times.at(-1) ?? 1];
  const rows = Math.min(MAX_ROWS, Math.max(1, Math.ceil((to - from) / ROW_MS)));
  const length = Math.max(1, (to - from) / rows);
  const scale = scoreScale(
    model.windows.map(({ score }) => score),
    model.evaluation.threshold.value,
  );
  const drawn = Array.from({ length: rows }, (_, at) =>
    drawRow({ from: from + at * length, to: from + (at + 1) * length, top: at * ROW, scale }, report, model, index),
  );
  return drawing(WIDTH, rows * ROW, `Score over time, ${model.evaluation.model.id}`, drawn);
};
