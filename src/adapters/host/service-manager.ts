/**
 * What the daemon tells the service manager (sd_notify(3)): ready once it is subscribed, what it does, and that it still gets on.
 * Outcomes of the pipeline feed the watchdog, never a timer. The clock's ticks take the same way as telemetry, through the
 * judgement and the log. So an idle daemon gets on, and a stuck one does not.
 */
import type { SdNotify } from './sd-notify';

export interface ServiceManagerOptions {
  readonly notify: SdNotify;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonicMs: () => number;
  /** How long the manager waits for a sign of life (`WatchdogSec=`), milliseconds; undefined: it does not. */
  readonly watchdogMs: number | undefined;
}

export interface ServiceManager {
  /** Subscribed, and the model is warm. Said once; later calls do nothing. */
  ready(): void;
  /** The pipeline dealt with something, or is known to wait for a reason that a restart would not mend. */
  progressed(): void;
  /** One line for `systemctl status`; the same line is not said twice. */
  status(text: string): void;
  reloading(): void;
  reloaded(): void;
  stopping(): void;
}

/** systemd.service(5) advises half of `WatchdogSec=`; a third leaves room for a slow disk. */
const FEEDS_PER_WATCHDOG = 3;
/** While the broker is not there, start-up is prolonged by this much again and again: a broker may come up after us. */
const START_EXTENSION_MS = 60_000;
const USEC_PER_MS = 1000;

/** `WatchdogSec=` as the manager hands it on, for this process; undefined when there is none. */
export const watchdogMsOf = (environment: NodeJS.ProcessEnv, pid: number): number | undefined => {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: owner } = environment;
  const ms = Number(usec) / USEC_PER_MS;
  return Number.isFinite(ms) && ms > 0 && (owner === undefined || Number(owner) === pid) ? ms : undefined;
};

/** Nobody manages this process. */
export const unmanaged: ServiceManager = {
  ready: () => undefined,
  progressed: () => undefined,
  status: () => undefined,
  reloading: () => undefined,
  reloaded: () => undefined,
  stopping: () => undefined,
};

export const serviceManager = ({ notify, monotonicMs, watchdogMs }: ServiceManagerOptions): ServiceManager => {
  let isReady = false;
  let line = '';
  let lastSaid = -Infinity;
  /** At most once in `periodMs`. */
  const nowAndThen = (periodMs: number, assignment: string): void => {
    const now = monotonicMs();
    if (now - lastSaid < periodMs) return;
    lastSaid = now;
    notify(assignment);
  };
  return {
    ready: () => {
      if (isReady) return;
      isReady = true;
      lastSaid = -Infinity;
      notify('READY=1');
    },
    progressed: () => {
      if (!isReady) {
        nowAndThen(
          START_EXTENSION_MS / FEEDS_PER_WATCHDOG,
          `EXTEND_TIMEOUT_USEC=${String(START_EXTENSION_MS * USEC_PER_MS)}`,
        );
      } else if (watchdogMs !== undefined) {
        nowAndThen(watchdogMs / FEEDS_PER_WATCHDOG, 'WATCHDOG=1');
      }
    },
    status: (text) => {
      if (text === line) return;
      line = text;
      notify(`STATUS=${text}`);
    },
    reloading: () => {
      // The moment the reload began, in microseconds of the monotonic clock.
      notify('RELOADING=1', `MONOTONIC_USEC=${String(Math.round(monotonicMs() * USEC_PER_MS))}`);
    },
    reloaded: () => {
      notify('READY=1');
    },
    stopping: () => {
      notify('STOPPING=1');
    },
  };
};
