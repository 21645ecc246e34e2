/** What the log is told of the broker's absences: how long, and whether what was published meanwhile was kept. */
import { describeError } from '../domain/errors';
import type { Subscription } from 'rxjs';
import { z } from 'zod';
import type { Logger } from '../adapters/host/logger';
import type { SqliteLog } from '../adapters/log/sqlite-log';
import type { DaemonEvent } from '../domain/daemon-event';
import type { StoredState } from '../domain/ledger';
import { isoTime } from '../domain/units';
import type { Clock } from '../pipeline/ports';

export interface Outages {
  /** What an earlier configuration was subscribed to. */
  formerly(kept: StoredState): readonly string[];
  /** @param lastPacketTime of the newest frame that was judged: where a gap begins when telemetry was not kept. */
  connected(isResumed: boolean, lastPacketTime: number | undefined): void;
  lost(): void;
  /** The connection of requests, findings and orders. */
  control(isUp: boolean): void;
  subscribed(topics: readonly string[]): void;
}

export interface OutagesOptions {
  readonly log: Pick<SqliteLog, 'commit'>;
  readonly clock: Clock;
  /** A daemon event; a log that cannot take it is somebody else's trouble. */
  readonly note: (event: DaemonEvent) => void;
}

const topicList = z.array(z.string()).catch([]);

export const watchOutages = ({ log, clock, note }: OutagesOptions, kept: StoredState): Outages => {
  let subscriptions = topicList.parse(kept.memory['subscriptions']);
  /** Until it is there for the first time, the broker has been away since the start. */
  let awaySince: number | undefined = clock.now();
  let controlAwaySince: number | undefined = clock.now();
  const secondsSince = (then: number | undefined): number =>
    then === undefined ? 0 : Math.round((clock.now() - then) / 100) / 10;
  /** A first connection has no session to lose. */
  let hadSession = subscriptions.length > 0;
  return {
    formerly: ({ memory }) => topicList.parse(memory['subscriptions']),
    connected: (isResumed, lastPacketTime) => {
      const seconds = secondsSince(awaySince);
      const since = lastPacketTime === undefined ? null : isoTime(lastPacketTime);
      // Nothing tells how much was published meanwhile: the assembler finds the slots that are missing.
      if (!isResumed && hadSession) note({ kind: 'session-lost', detail: { seconds, telemetrySince: since } });
      else note({ kind: 'link-up', detail: { seconds } });
      hadSession = true;
      awaySince = undefined;
    },
    lost: () => {
      if (awaySince !== undefined) return;
      awaySince = clock.now();
      note({ kind: 'link-down', detail: {} });
    },
    control: (isUp) => {
      // Every attempt that fails says again that it is away.
      if (isUp) note({ kind: 'control-up', detail: { seconds: secondsSince(controlAwaySince) } });
      else if (controlAwaySince === undefined) note({ kind: 'control-down', detail: {} });
      controlAwaySince = isUp ? undefined : (controlAwaySince ?? clock.now());
    },
    subscribed: (topics) => {
      if (JSON.stringify(topics) === JSON.stringify(subscriptions)) return;
      subscriptions = [...topics];
      try {
        log.commit([], [{ kind: 'memory', name: 'subscriptions', value: topics }]);
      } catch (error) {
        note({ kind: 'subscriptions', detail: { message: describeError(error) } });
      }
    },
  };
};

/** Looked at so often, and told when it is missing so many times in a row: connections come back one after the other. */
const LOOK_MS = 1000;
const LOOKS = 5;

/** Tells when telemetry has had no connection for a while although the broker is there; every second until it has one. */
export const watchTelemetry = (clock: Clock, isLost: () => boolean, tell: () => void): Subscription => {
  let missing = 0;
  return clock.every(LOOK_MS).subscribe(() => {
    missing = isLost() ? missing + 1 : 0;
    if (missing >= LOOKS) tell();
  });
};

/** A clock that is kept in step moves by milliseconds. */
const STEP_MS = 5000;

/** Tells, when asked, that the wall clock was set; deadlines are not counted on it. */
export const watchSteps = ({ stepMs }: Clock, logger: Pick<Logger, 'warn'>, note: OutagesOptions['note']) => {
  let told = 0;
  return (): void => {
    const step = stepMs?.() ?? 0;
    if (Math.abs(step - told) < STEP_MS) return;
    told = step;
    const seconds = Math.round(step / 100) / 10;
    logger.warn(
      { seconds },
      'the wall clock was set; deadlines go on as they were, times of the log too until the next start',
    );
    note({ kind: 'clock-step', detail: { seconds } });
  };
};

/** Tells that the spacecraft's clock was set back. */
export const noteTimeBase = (
  step: { readonly from: number; readonly to: number } | undefined,
  logger: Pick<Logger, 'warn'>,
  note: OutagesOptions['note'],
): void => {
  if (step === undefined) return;
  const detail = { from: isoTime(step.from), to: isoTime(step.to), seconds: (step.to - step.from) / 1000 };
  logger.warn(
    detail,
    "the spacecraft's clock was set back: windows and anomalies begin anew, deadlines keep their time",
  );
  note({ kind: 'time-base', detail });
};
