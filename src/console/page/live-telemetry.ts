/** Where the live page's telemetry comes from: the history of the range chosen, then what is new, and what happened meanwhile. */
import { toError } from '../../domain/errors';
import type { HistoryAnswer, Telemetry, Timeline } from '../api/history';
import { get, id } from './client';
import { onChange } from './live';
import { LiveRange } from './live-series';
import { listenToEvents, type StreamEvent } from './stream';

/** Parameters of one request. */
const AT_ONCE = 40;
/** More would be no finer on the screens there are. */
const POINTS = 480;
/** What happened is asked for again when it changes, and not more often. */
const TIMELINE_PAUSE_MS = 700;
/** News that came while the history was asked for. */
const MAX_WAITING = 100;
/** Steps without news that are a gap: a page of a recording that runs fast is told of some only. */
const GAP_STEPS = 20;

export class LiveFeed {
  range: LiveRange | null = null;
  timeline: Timeline | null = null;
  error: Error | null = null;
  private readonly abort = new AbortController();
  private readonly waiting: Telemetry[] = [];
  private isLoading = false;
  private again: ReturnType<typeof setTimeout> | undefined;
  private readonly stops: (() => void)[];

  /**
   * @param parameters in mission order. @param span such as `15m`. @param onChanged told whenever there is something to draw.
   */
  constructor(
    private readonly parameters: readonly string[],
    private readonly span: string,
    private readonly onChanged: (feed: LiveFeed) => void,
  ) {
    const stopStream = listenToEvents(
      {
        onEvent: (event) => {
          this.hear(event);
        },
        onLost: () => {
          this.range = null;
          void this.load();
        },
      },
      'telemetry',
    );
    const stopChanges = onChange(({ name }) => {
      if (name === 'anomaly' || name === 'alarm' || name === 'recovery' || name === 'snapshot') this.soon();
    });
    this.stops = [stopStream, stopChanges];
    void this.load();
    void this.loadTimeline();
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.again);
    for (const stop of this.stops) stop();
  }

  private hear({ name, data }: StreamEvent): void {
    // Nothing was there to be shown, or the daemon is back.
    if (name === 'pulse' && (this.error !== null || this.range === null)) void this.load();
    if (name !== 'telemetry') return;
    const news = data as Telemetry;
    const { range } = this;
    if (this.isLoading || range === null) {
      if (this.waiting.length < MAX_WAITING) this.waiting.push(news);
      return;
    }
    const [first] = news.measured;
    // More was sent than this page was told of: the history has it.
    const isGap = first !== undefined && Date.parse(first.time) > range.newest + GAP_STEPS * news.stepSeconds * 1000;
    if (isGap) void this.load();
    else if (range.add(news, this.parameters)) this.onChanged(this);
  }

  private soon(): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => void this.loadTimeline(), TIMELINE_PAUSE_MS);
  }

  private async loadTimeline(): Promise<void> {
    try {
      this.timeline = await get<Timeline>(`timeline?from=${this.span}`, this.abort.signal);
      this.onChanged(this);
    } catch {
      // Before the first telemetry there is none; the next change asks again.
    }
  }

  private async load(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    const { signal } = this.abort;
    try {
      await this.loadHistory(signal);
      for (const news of this.waiting.splice(0)) this.range?.add(news, this.parameters);
      this.error = null;
    } catch (trouble) {
      if (!signal.aborted) this.error = toError(trouble);
    } finally {
      this.isLoading = false;
      if (!signal.aborted) this.onChanged(this);
    }
  }

  /** The first strips are there before the last ones are asked for. */
  private async loadHistory(signal: AbortSignal): Promise<void> {
    const { parameters, span } = this;
    for (let at = 0; at < Math.max(1, parameters.length); at += AT_ONCE) {
      const some = parameters
        .slice(at, at + AT_ONCE)
        .map(id)
        .join(',');
      const path = `history?parameters=${some}&from=${span}&points=${String(POINTS)}`;
      const history = await get<HistoryAnswer>(path, signal);
      if (at === 0 || this.range === null) this.range = new LiveRange(history);
      else this.range.take(history);
      this.onChanged(this);
    }
  }
}
