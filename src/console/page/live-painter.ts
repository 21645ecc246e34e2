/**
 * Paints the strips that are in sight, once a frame at most, and says what lies under the cursor. A strip is drawn again only when its
 * telemetry, size or theme changed: a cursor that moves changes texts alone.
 */
import type { MissionView } from '../api/overview';
import { drawScore, drawStrip, readPalette, type Band, type Palette } from './charts/strip-drawing';
import type { LiveRange } from './live-series';
import type { LiveFeed } from './live-telemetry';
import { byDayOfYear } from './time';
import { figure } from './words';

type Parameter = MissionView['parameters'][number];

export interface StripPlace {
  readonly canvas: HTMLCanvasElement;
  readonly readout: HTMLElement;
  /** Null for the score. */
  readonly parameter: Parameter | null;
  isInSight: boolean;
  /** The round in which it was drawn; -1: not since it came into sight. */
  drawn: number;
}

const LONG_AGO = -8.64e15;
const at = (values: Float64Array | undefined, point: number): string => {
  const value = values?.[point] ?? NaN;
  return Number.isNaN(value) ? '–' : figure(value);
};

export class LivePainter {
  private readonly places = new Map<Element, StripPlace>();
  private readonly observer: IntersectionObserver;
  private palette: Palette = readPalette();
  private feed: LiveFeed | null = null;
  private request = 0;
  /** Rises with everything that changes a picture. */
  private round = 0;
  /** Share of the width, 0 to 1; null: the newest value is shown. */
  private cursor: number | null = null;
  /** Told of the time under the cursor. */
  onCursor: (text: string) => void = () => undefined;

  constructor() {
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const place = this.places.get(target);
          if (place === undefined) continue;
          place.isInSight = isIntersecting;
          // A canvas out of sight needs no memory.
          if (!isIntersecting) {
            place.canvas.width = 0;
            place.drawn = -1;
          }
        }
        this.paint();
      },
      { rootMargin: '80px' },
    );
  }

  place(place: Omit<StripPlace, 'isInSight' | 'drawn'>): () => void {
    this.places.set(place.canvas, { ...place, isInSight: false, drawn: -1 });
    this.observer.observe(place.canvas);
    return () => {
      this.observer.unobserve(place.canvas);
      this.places.delete(place.canvas);
    };
  }

  show(feed: LiveFeed): void {
    this.feed = feed;
    this.change();
  }

  /** Another theme or size. */
  refresh(): void {
    this.palette = readPalette();
    this.change();
  }

  point(share: number | null): void {
    this.cursor = share;
    this.paint();
  }

  close(): void {
    cancelAnimationFrame(this.request);
    this.observer.disconnect();
  }

  private change(): void {
    this.round += 1;
    this.paint();
  }

  private paint(): void {
    if (this.request !== 0) return;
    this.request = requestAnimationFrame(() => {
      this.request = 0;
      this.draw();
    });
  }

  private draw(): void {
    const range = this.feed?.range ?? null;
    if (range === null) return;
    const newest = Math.min(range.points - 1, Math.floor((range.newest - range.from) / range.stepMs));
    const point = this.cursor === null ? newest : Math.min(range.points - 1, Math.floor(this.cursor * range.points));
    this.onCursor(
      this.cursor === null
        ? `newest ${byDayOfYear(range.newest)}`
        : `at ${byDayOfYear(range.from + point * range.stepMs)}`,
    );
    for (const place of this.places.values()) if (place.isInSight) this.drawPlace(place, range, point);
  }

  private drawPlace(place: StripPlace, range: LiveRange, point: number): void {
    const { canvas, readout, parameter } = place;
    const { palette } = this;
    const series = parameter === null ? undefined : range.series.get(parameter.id);
    if (parameter !== null && series === undefined) return;
    if (place.drawn !== this.round) {
      place.drawn = this.round;
      const bands = this.bandsOf(parameter);
      if (parameter === null || series === undefined) drawScore(canvas, { range, bands, palette });
      else {
        const limits = { warning: parameter.warning ?? [], critical: parameter.critical ?? [] };
        drawStrip(canvas, { range, series, limits, bands, palette, modulus: parameter.modulus });
      }
    }
    const text =
      series === undefined
        ? `${at(range.score, point)} of ${range.threshold === null ? '–' : figure(range.threshold)}`
        : `${at(series.mean, point)} expected ${at(series.expected, point)}`;
    if (readout.textContent !== text) readout.textContent = text;
  }

  /** Anomalies of the equipment, and checks of the parameter that failed. */
  private bandsOf(parameter: Parameter | null): readonly Band[] {
    const { timeline, range } = this.feed ?? {};
    if (timeline === null || timeline === undefined || range === null || range === undefined) return [];
    const band = ({ from, to }: { from: string; to: string | null }, colour: string): Band => ({
      from: Math.max(LONG_AGO, Date.parse(from)),
      to: to === null ? range.to : Date.parse(to),
      colour,
    });
    return [
      ...timeline.anomalies
        .filter(({ equipment }) => parameter === null || equipment === parameter.equipment)
        .map((item) => band(item, this.palette.band)),
      ...timeline.alarms
        .filter(({ name }) => parameter !== null && name === `check/${parameter.id}`)
        .map((item) => band(item, this.palette.band)),
    ];
  }
}
