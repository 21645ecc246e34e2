/**
 * The history of telemetry, kept beside the flow for people at the console. It holds what was measured and what was judged, decimated, in
 * a file of fixed size beside the log. A history that cannot be kept is reported and tried again; the daemon goes on without it.
 */
import type { Logger } from '../adapters/host/logger';
import { HistoryWriter } from '../adapters/history/history-writer';
import { historySizeOf } from '../config/daemon-config';
import type { LoadedConfig } from '../config/load-config';
import type { BucketRecord, OpenBucket } from '../core/history/bucket';
import { BucketCascade } from '../core/history/cascade';
import { JudgedColumns } from '../core/history/judged-columns';
import { tracks, type HistoryShape, type Track } from '../core/history/layout';
import { initialMode, modeAt, modeOfParameter, tellModes } from '../core/telemetry/operating-mode';
import { describeError } from '../domain/errors';
import type { Mission } from '../domain/mission';
import type { ScoredWindow } from '../domain/scored-window';
import type { Frame, ModeChange } from '../domain/telemetry';
import type { TelemetryNews } from '../console/port/messages';
import type { Clock } from '../pipeline/ports';

/** What is open or complete goes to the disk so often: a crash loses no more. */
const FLUSH_MS = 1000;
/** A disk that was full may have room again. */
const RETRY_MS = 60_000;
/** Buckets that people are told of at once; a recording that runs faster is read from the file. */
const MAX_NEWS = 8;

export interface HistoryKeeper {
  readonly frames: (frames: readonly Frame[], modes: readonly ModeChange[]) => void;
  readonly scored: (scored: ScoredWindow) => void;
  /** What has been completed since the last call, the newest of it; undefined: nothing. */
  news(): TelemetryNews | undefined;
  /** Buckets that were not written. */
  readonly lost: number;
  stop(): void;
}

export interface HistoryOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly clock: Pick<Clock, 'every' | 'now'>;
  /** Notes a daemon event. */
  readonly note: (message: string) => void;
}

/** Beside the log, so that whoever moves one sees the other. */
export const historyPath = (logPath: string): string => `${logPath}.history`;

export const historyShape = (mission: Mission): HistoryShape => ({
  spacecraft: mission.spacecraft,
  periodMs: mission.sampling.periodMs,
  parameters: mission.parameters.map(({ id }) => id),
  modes: [...(mission.modes?.names ?? [])],
});

/** The operating mode at each instant, as the index of its name; NaN when nobody said. */
const modeTracker = (mission: Mission) => {
  const names = mission.modes?.names ?? [];
  const source = mission.modes?.parameter?.id;
  const row = mission.parameters.findIndex(({ id }) => id === source);
  let state = initialMode;
  let reached = -Infinity;
  return {
    tell: (modes: readonly ModeChange[]): void => {
      state = tellModes(state, modes, reached);
    },
    at: ({ time, values }: Frame): number => {
      reached = time;
      state = modeAt(state, time);
      const value = values[row];
      const measured =
        source === undefined || value === undefined ? undefined : modeOfParameter(mission, { [source]: value });
      const index = names.indexOf(measured ?? state.current?.mode ?? '');
      return index < 0 ? NaN : index;
    },
  };
};

/** A writer, and the buckets that are open. */
const openRing = (
  path: string,
  options: {
    shape: HistoryShape;
    size: number;
    onTrouble: (m: string) => void;
    onNews: (track: Track, bucket: OpenBucket) => void;
  },
) => {
  const { onNews } = options;
  const { writer, begunAnew } = HistoryWriter.open(path, options);
  const cascade = (track: Track): BucketCascade =>
    new BucketCascade({
      layout: writer.layout,
      onRecord: (level, bucket, isComplete) => {
        writer.put(track, level, bucket);
        if (level === 0 && isComplete) onNews(track, bucket);
      },
      recall: (level, bucket) => writer.recall(track, level, bucket),
    });
  return { writer, begunAnew, cascades: { measured: cascade('measured'), judged: cascade('judged') } };
};
type Ring = ReturnType<typeof openRing>;

class Keeper implements HistoryKeeper {
  private ring: Ring | undefined;
  private readonly columns: JudgedColumns;
  private readonly mode: ReturnType<typeof modeTracker>;
  private told = '';
  private retryAt = 0;
  private readonly shape: HistoryShape;
  private pending: Record<Track, BucketRecord[]> = { measured: [], judged: [] };
  private lostBefore = 0;
  private readonly timer: { unsubscribe(): void };
  private readonly parameters: number;

  constructor(
    private readonly path: string,
    private readonly size: number,
    mission: Mission,
    private readonly options: HistoryOptions,
  ) {
    this.shape = historyShape(mission);
    this.parameters = mission.parameters.length;
    this.columns = new JudgedColumns(this.parameters, mission.sampling.periodMs);
    this.mode = modeTracker(mission);
    this.open();
    this.timer = options.clock.every(FLUSH_MS).subscribe(() => {
      this.flush();
    });
  }

  get lost(): number {
    return this.lostBefore + (this.ring?.writer.lost ?? 0);
  }

  readonly frames = (frames: readonly Frame[], modes: readonly ModeChange[]): void => {
    this.mode.tell(modes);
    const values = new Float64Array(this.parameters + 1);
    for (const frame of frames) {
      values.set(frame.values);
      values[this.parameters] = this.mode.at(frame);
      this.guarded(({ cascades }) => {
        cascades.measured.add(frame.time, values);
      });
    }
  };

  readonly scored = (scored: ScoredWindow): void => {
    for (const { time, values, halfWidths } of this.columns.take(scored))
      this.guarded(({ cascades }) => {
        cascades.judged.add(time, values, halfWidths);
      });
  };

  news(): TelemetryNews | undefined {
    const { measured, judged } = this.pending;
    if (measured.length + judged.length === 0) return undefined;
    this.pending = { measured: [], judged: [] };
    return { measured, judged };
  }

  stop(): void {
    this.timer.unsubscribe();
    this.guarded(({ cascades, writer }) => {
      for (const track of tracks) cascades[track].drain();
      writer.close();
    });
    this.ring = undefined;
  }

  private open(): void {
    const { logger, note } = this.options;
    try {
      this.ring = openRing(this.path, {
        shape: this.shape,
        size: this.size,
        onTrouble: (message) => {
          this.fail(message);
        },
        onNews: (track, bucket) => {
          const waiting = this.pending[track];
          // Of a recording that runs faster, what came first is as good as what came last.
          if (waiting.length < MAX_NEWS) waiting.push(bucket.record());
        },
      });
      const { begunAnew } = this.ring;
      if (this.told !== '') logger.info('the history of telemetry is kept again');
      if (begunAnew !== undefined) {
        const message = `the history of telemetry in ${this.path} is begun anew: ${begunAnew}`;
        logger.warn(message);
        note(message);
      }
      this.told = '';
    } catch (error) {
      this.fail(describeError(error));
    }
  }

  /** Must not throw: whoever tells of telemetry is the flow itself. */
  private guarded(work: (ring: Ring) => void): void {
    if (this.ring === undefined) return;
    try {
      work(this.ring);
    } catch (error) {
      this.fail(describeError(error));
    }
  }

  private fail(reason: string): void {
    const { logger, note, clock } = this.options;
    this.ring?.writer.abandon();
    this.lostBefore = this.lost;
    this.ring = undefined;
    this.retryAt = clock.now() + RETRY_MS;
    // The same reason again is no news.
    if (reason === this.told) return;
    this.told = reason;
    const message = `the history of telemetry in ${this.path} is not kept: ${reason}`;
    logger.warn(`${message}; the daemon goes on without it, and tries again`);
    note(message);
  }

  private flush(): void {
    if (this.ring === undefined && this.options.clock.now() >= this.retryAt) this.open();
    this.guarded(({ cascades, writer }) => {
      for (const track of tracks) cascades[track].drain();
      writer.flush();
    });
  }
}

/** @returns undefined when there is no console to show it. */
export const keepHistory = (
  { config, mission, logPath }: Pick<LoadedConfig, 'config' | 'mission' | 'logPath'>,
  options: HistoryOptions,
): HistoryKeeper | undefined => {
  const size = historySizeOf(config);
  return size === undefined || config.console === false
    ? undefined
    : new Keeper(historyPath(logPath), size, mission, options);
};
