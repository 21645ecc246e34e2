/** Measured against expected, a plot a parameter, all on one time axis with one cursor. */
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { AnomalyAccount, Series } from '../../api/anomalies';
import { rollsOver } from '../../../core/rollover';
import { useStore } from '../store';
import { colour, shownTheme } from '../theme';
import { byDayOfYear, clockOf } from '../time';
import { figure, percent } from '../words';

const HEIGHT = 150;
/** One sync key: there is one account on the page, beside it perhaps one of a replay. */
const utc = (seconds: number): Date => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC');
const clock = (seconds: number): string => clockOf(new Date(seconds * 1000));

export interface Marks {
  readonly start: number;
  readonly end: number | null;
  readonly detectedAt: number;
  /** The window that the score and the expected values are about. */
  readonly worst: readonly [from: number, to: number];
  /** Telecommands that were sent. */
  readonly commands: readonly number[];
}

/** The anomaly as a band from its start, with a line where it was detected; limits as dashed lines where they are in sight. */
const drawMarks = (plot: uPlot, { start, end, detectedAt, worst, commands }: Marks, series: Series): void => {
  const { ctx, bbox } = plot;
  const across = (at: number): number =>
    Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(at, 'x', true)));
  const left = across(start);
  ctx.save();
  ctx.fillStyle = colour('band');
  ctx.fillRect(left, bbox.top, across(end ?? Infinity) - left, bbox.height);
  ctx.strokeStyle = colour('serious');
  ctx.lineWidth = devicePixelRatio;
  const line = (x0: number, y0: number, x1: number, y1: number): void => {
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
  };
  const isInSight = (at: number): boolean => {
    const { min = Infinity, max = -Infinity } = plot.scales['x'] ?? {};
    return at >= min && at <= max;
  };
  if (isInSight(start)) line(left, bbox.top, left, bbox.top + bbox.height);
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  if (isInSight(detectedAt)) line(across(detectedAt), bbox.top, across(detectedAt), bbox.top + bbox.height);
  ctx.setLineDash([]);
  ctx.setLineDash([devicePixelRatio, 2 * devicePixelRatio]);
  ctx.strokeStyle = colour('text-2');
  for (const at of commands) if (isInSight(at)) line(across(at), bbox.top, across(at), bbox.top + bbox.height);
  ctx.setLineDash([]);
  ctx.strokeStyle = colour('expected');
  ctx.lineWidth = 3 * devicePixelRatio;
  const foot = bbox.top + bbox.height - ctx.lineWidth / 2;
  line(across(worst[0]), foot, across(worst[1]), foot);
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  const { min = 0, max = 0 } = plot.scales['y'] ?? {};
  for (const [limits, name] of [
    [series.warning, 'medium'],
    [series.critical, 'high'],
  ] as const)
    for (const limit of limits ?? []) {
      if (limit === null || limit <= min || limit >= max) continue;
      ctx.strokeStyle = colour(name);
      const y = plot.valToPos(limit, 'y', true);
      line(bbox.left, y, bbox.left + bbox.width, y);
    }
  ctx.restore();
};

/** Pixels between samples that the parameter rolled over between, besides those where nothing is known: no line is drawn there. */
const rolloverGaps =
  (modulus: number | null): uPlot.Series.GapsRefiner =>
  (plot, index, ...[from, to, gaps]) => {
    const [times, values] = [plot.data[0], plot.data[index] ?? []];
    const all = [...gaps];
    for (let at = Math.max(1, from); at <= to; at += 1)
      if (rollsOver(values[at - 1] ?? NaN, values[at] ?? NaN, modulus))
        all.push([plot.valToPos(times[at - 1] ?? 0, 'x', true), plot.valToPos(times[at] ?? 0, 'x', true)]);
    return all.sort(([a], [b]) => a - b);
  };

interface PlotProps {
  readonly times: readonly number[];
  readonly series: Series;
  readonly marks: Marks;
  readonly isLast: boolean;
  readonly sync: string;
  readonly onCursor: (index: number | null) => void;
  readonly onReady: (plot: uPlot | null) => void;
}

const Plot = ({ times, series, marks, isLast, sync, onCursor, onReady }: PlotProps) => {
  const place = useRef<HTMLDivElement>(null);
  const shown = useStore(shownTheme);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const axis = {
      stroke: colour('text-2'),
      grid: { stroke: colour('grid'), width: 1 },
      ticks: { show: false },
      font: '11px ui-monospace, monospace',
    };
    const height = HEIGHT + (isLast ? 24 : 0);
    const curve = { width: 1.75, points: { show: false }, gaps: rolloverGaps(series.modulus) };
    const plot = new uPlot(
      {
        width: current.clientWidth,
        height,
        tzDate: utc,
        legend: { show: false },
        cursor: { sync: { key: sync }, drag: { x: true, y: false }, points: { size: 6 } },
        scales: { x: { time: true } },
        // The last time on the axis has room for its second half.
        padding: [8, 28, isLast ? 0 : 4, 0],
        series: [
          {},
          { ...curve, label: 'measured', stroke: colour('measured') },
          { ...curve, label: 'expected', stroke: colour('expected'), dash: [6, 4] },
        ],
        axes: [
          {
            ...axis,
            size: isLast ? 28 : 0,
            values: (_plot, splits) => (isLast ? splits.map(clock) : splits.map(() => '')),
          },
          { ...axis, size: 62, values: (_plot, splits) => splits.map(figure) },
        ],
        hooks: {
          drawClear: [
            (self) => {
              drawMarks(self, marks, series);
            },
          ],
          setCursor: [
            (self) => {
              onCursor(self.cursor.idx ?? null);
            },
          ],
        },
      },
      [[...times], [...series.measured], [...series.expected]] as uPlot.AlignedData,
      current,
    );
    onReady(plot);
    const observer = new ResizeObserver(() => {
      plot.setSize({ width: current.clientWidth, height });
    });
    observer.observe(current);
    return () => {
      observer.disconnect();
      onReady(null);
      plot.destroy();
    };
  }, [times, series, shown, isLast]);
  return <div ref={place} class="plot" />;
};

/** For those who do not see the plot: what it shows at its worst. */
const described = (series: Series): string => {
  let worst = -1;
  let most = -1;
  series.measured.forEach((value, index) => {
    const expected = series.expected[index];
    if (value === null || expected === null || expected === undefined) return;
    if (Math.abs(value - expected) > most) [worst, most] = [index, Math.abs(value - expected)];
  });
  const units = series.units ?? '';
  return worst < 0
    ? `${series.title}: nothing to compare`
    : `${series.title}: at its farthest measured ${figure(series.measured[worst])} ${units}, expected ${figure(series.expected[worst])} ${units}`;
};

const SeriesTable = ({ account, series }: { account: AnomalyAccount; series: Series }) => (
  <details class="as-table">
    <summary>{series.title} as a table</summary>
    <div class="table-frame" role="group" aria-label={`${series.title} as a table`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Measured</th>
            <th scope="col">Expected</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {account.times.map((time, index) => {
            const measured = series.measured[index] ?? null;
            const expected = series.expected[index] ?? null;
            return (
              <tr key={time}>
                <th scope="row">{byDayOfYear(time)}</th>
                <td>{figure(measured)}</td>
                <td>{figure(expected)}</td>
                <td>{figure(measured === null || expected === null ? null : measured - expected)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  </details>
);

export const SeriesPlots = ({ account, most = 4 }: { account: AnomalyAccount; most?: number }) => {
  const [isAll, setAll] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const plots = useRef<(uPlot | null)[]>([]);
  const contributing = account.series.filter(({ share }) => share !== null);
  const listed = isAll ? account.series : (contributing.length > 0 ? contributing : account.series).slice(0, most);
  const seconds = useRef<{ from: readonly string[]; to: readonly number[] }>({ from: [], to: [] });
  if (seconds.current.from !== account.times)
    seconds.current = { from: account.times, to: account.times.map((time) => Date.parse(time) / 1000) };
  const times = seconds.current.to;
  const { anomaly } = account;
  const marks = {
    start: Date.parse(anomaly.start) / 1000,
    end: anomaly.end === null ? null : Date.parse(anomaly.end) / 1000,
    detectedAt: Date.parse(anomaly.detectedAt) / 1000,
    commands: (anomaly.commands ?? []).map(({ time }) => Date.parse(time) / 1000),
    worst: [Date.parse(account.worst.from) / 1000, Date.parse(account.worst.to) / 1000] as const,
  };
  const hasHoles = account.times.some((_time, at) => account.series.every(({ measured }) => measured[at] === null));
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    const [plot] = plots.current;
    if (by === undefined || plot === null || plot === undefined) return;
    event.preventDefault();
    const next = Math.min(times.length - 1, Math.max(0, (at ?? (by > 0 ? -1 : times.length)) + by));
    for (const other of plots.current) other?.setCursor({ left: plot.valToPos(times[next] ?? 0, 'x'), top: 10 }, false);
    setAt(next);
  };
  return (
    <div
      class="plots"
      role="group"
      aria-label="Measured against expected; arrow keys move the cursor"
      tabIndex={0}
      onKeyDown={move}
    >
      <p class="key">
        <span class="key-measured">measured</span>
        <span class="key-expected">expected from the others</span>
        <span class="key-band">anomaly, dotted line: detected</span>
        <span class="key-worst">worst window</span>
        {marks.commands.length > 0 && <span class="key-command">telecommand</span>}
        {hasHoles && <span class="quiet">where no line is, nothing was kept</span>}
        <span class="key-time" aria-live="off">
          {at === null ? 'Point at a plot, or use ← →' : byDayOfYear(account.times[at] ?? 0)}
        </span>
      </p>
      {listed.map((series, index) => (
        <figure key={series.parameter}>
          <figcaption>
            <strong>{series.title}</strong> {series.title !== series.parameter && <code>{series.parameter}</code>}{' '}
            <span class="quiet">{series.units ?? ''}</span>
            {series.share !== null && <span class="share">{percent(series.share)} of the evidence</span>}
            {at !== null && (
              <span class="readout">
                measured <b>{figure(series.measured[at])}</b> expected <b>{figure(series.expected[at])}</b>
              </span>
            )}
          </figcaption>
          <div role="img" aria-label={described(series)}>
            <Plot
              times={times}
              series={series}
              marks={marks}
              isLast={index === listed.length - 1}
              sync={anomaly.id}
              onCursor={setAt}
              onReady={(plot) => {
                plots.current[index] = plot;
              }}
            />
          </div>
          <SeriesTable account={account} series={series} />
        </figure>
      ))}
      {account.series.length > listed.length || isAll ? (
        <button
          type="button"
          onClick={() => {
            setAll(!isAll);
          }}
        >
          {isAll ? 'Contributing parameters only' : `All ${String(account.series.length)} parameters`}
        </button>
      ) : null}
    </div>
  );
};
