/**
 * Tells systemd how the daemon is (`Type=notify`, sd_notify(3)). Node has no datagram sockets for it, so `systemd-notify` is
 * asked to; the unit needs `NotifyAccess=all`. Outside systemd (no `NOTIFY_SOCKET`) nothing is done.
 */
import { execFile } from 'node:child_process';

export type SdNotify = (...assignments: readonly string[]) => void;

/** One that does not answer must not keep what is said after it. */
const PATIENCE_MS = 10_000;

/**
 * `notify('READY=1', 'STATUS=…')`; one after another, for `RELOADING=1` must not be overtaken by `READY=1`. What fails is told to
 * `onTrouble` and forgotten: it must not stop the daemon.
 */
export const sdNotify = (environment: NodeJS.ProcessEnv, onTrouble: (message: string) => void): SdNotify => {
  if (environment['NOTIFY_SOCKET'] === undefined) return () => undefined;
  const notify = (assignments: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      execFile('systemd-notify', [...assignments], { env: environment, timeout: PATIENCE_MS }, (error) => {
        if (error !== null) onTrouble(`systemd-notify: ${error.message}`);
        resolve();
      });
    });
  let last = Promise.resolve();
  return (...assignments) => {
    last = last.then(() => notify(assignments));
  };
};
