/**
 * Tells systemd how the daemon is (`Type=notify`, sd_notify(3)). Node has no datagram sockets for it, so `systemd-notify` is
 * asked to; the unit needs `NotifyAccess=all`. Outside systemd (no `NOTIFY_SOCKET`) nothing is done.
 */
import { execFile } from 'node:child_process';

export type SdNotify = (...assignments: readonly string[]) => void;

/** `notify('READY=1', 'STATUS=…')`; what fails is told to `onTrouble` and forgotten, for it must not stop the daemon. */
export const sdNotify = (environment: NodeJS.ProcessEnv, onTrouble: (message: string) => void): SdNotify => {
  if (environment['NOTIFY_SOCKET'] === undefined) return () => undefined;
  return (...assignments) => {
    execFile('systemd-notify', [...assignments], { env: environment }, (error) => {
      if (error !== null) onTrouble(`systemd-notify: ${error.message}`);
    });
  };
};
