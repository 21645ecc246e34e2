/** How many anomalies started when. A stretch is chosen by dragging, or with the keyboard; it becomes the filter's `since` and `until`. */
import { useRef, useState } from 'preact/hooks';
import type { Histogram } from '../../api/anomalies';
import { byDayOfYear, duration } from '../time';
import { count } from '../words';

const HEIGHT = 64;

export const HistogramBrush = ({
  histogram,
  choose,
}: {
  histogram: Histogram;
  choose: (from: string, to: string) => void;
}) => {
  const { counts, from, to, bucketSeconds, total } = histogram;
  const [range, setRange] = useState<readonly [number, number] | null>(null);
  const isDragging = useRef(false);
  const [at, setAt] = useState(0);
  if (from === null || to === null || total === 0) return null;
  const first = Date.parse(from);
  const most = Math.max(1, ...counts);
  const timeAt = (bucket: number): string =>
    `${new Date(first + bucket * bucketSeconds * 1000).toISOString().slice(0, 19)}Z`;
  const bucketOf = (event: PointerEvent & { currentTarget: SVGSVGElement }): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(counts.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * counts.length)));
  };
  const take = ([a, b]: readonly [number, number]): void => {
    setRange(null);
    // The end is outside the filter: what started in its very second stays in.
    choose(
      timeAt(Math.min(a, b)),
      `${new Date(first + Math.ceil((Math.max(a, b) + 1) * bucketSeconds) * 1000 + 1000).toISOString().slice(0, 19)}Z`,
    );
  };
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const next = Math.min(counts.length - 1, Math.max(0, at + by));
      setAt(next);
      setRange(event.shiftKey ? [range?.[0] ?? at, next] : [next, next]);
    } else if (event.key === 'Enter' && range !== null) {
      event.preventDefault();
      take(range);
    } else if (event.key === 'Escape') setRange(null);
  };
  const low = range === null ? 0 : Math.min(...range);
  const high = range === null ? 0 : Math.max(...range);
  const chosen = range === null ? 0 : counts.slice(low, high + 1).reduce((sum, value) => sum + value, 0);
  return (
    <figure class="histogram">
      <div
        class="brush"
        role="group"
        tabIndex={0}
        aria-label="Anomalies over time: arrow keys choose, with Shift a stretch, Enter filters by it"
        onKeyDown={press}
      >
        <svg
          viewBox={`0 0 ${String(counts.length)} ${String(HEIGHT)}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${count(total, 'anomaly', 'anomalies')} from ${byDayOfYear(from)} to ${byDayOfYear(to)}, at most ${String(most)} in ${duration(bucketSeconds)}`}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            isDragging.current = true;
            setRange([bucketOf(event), bucketOf(event)]);
          }}
          onPointerMove={(event) => {
            if (isDragging.current && range !== null) setRange([range[0], bucketOf(event)]);
          }}
          onPointerUp={() => {
            isDragging.current = false;
            if (range !== null) take(range);
          }}
          onPointerCancel={() => {
            isDragging.current = false;
            setRange(null);
          }}
        >
          {range !== null && <rect class="brushed" x={low} y={0} width={high - low + 1} height={HEIGHT} />}
          {counts.map((value, index) => {
            const height = value === 0 ? 0 : Math.max(3, (value / most) * (HEIGHT - 4));
            return <rect key={index} class="bar" x={index + 0.1} y={HEIGHT - height} width={0.8} height={height} />;
          })}
        </svg>
      </div>
      <figcaption>
        <span>{byDayOfYear(from)}</span>
        <span aria-live="polite">
          {range === null
            ? `${count(total, 'anomaly', 'anomalies')}, a bar is ${duration(bucketSeconds)}; drag to choose a stretch`
            : `${count(chosen, 'anomaly', 'anomalies')} from ${byDayOfYear(timeAt(low))}, ${duration((high - low + 1) * bucketSeconds)}`}
        </span>
        <span>{byDayOfYear(to)}</span>
      </figcaption>
    </figure>
  );
};
