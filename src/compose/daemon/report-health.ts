/** Tells the world how the daemon is: the health message, the end of the log's chain, and the line of the service manager. */
import { watchSteps } from '../broker-outages';
import type { DaemonConsole } from '../console';
import { statusLine } from '../metrics';
import { healthOf } from '../../core/health';
import { lastMessageAt, type ConnectedDaemon } from './connect';

export interface HealthReporter {
  /** Publishes health, where a broker is there to take it. */
  report(): void;
  /** Only the line of the service manager. */
  reportLine(): void;
}

export const healthReporter = (connected: ConnectedDaemon, people: Pick<DaemonConsole, 'status'>): HealthReporter => {
  const { link, status, vitals, composed, log, service, note, options } = connected;
  const { clock, logger } = options;
  const watchClock = watchSteps(clock, logger, note);
  const reportLine = (): void => {
    service.status(statusLine(status.state, link.isConnected, status.tally));
  };
  return {
    reportLine,
    report: () => {
      watchClock();
      reportLine();
      const now = clock.now();
      // What stands on these topics is the word of the daemon that acts.
      if (vitals.isSecond) return;
      link.publishLogHead(log.headAt(now));
      const health = healthOf({
        now,
        startedAt: status.startedAt,
        state: status.state,
        mode: vitals.mode,
        model: composed.models?.live.manifest,
        impaired: vitals.impaired,
        reasons: vitals.reasons,
        tally: status.tally,
        lastMessageAt: lastMessageAt(connected),
        lastPacketTime: status.packetTime,
        protocol: link.protocol,
        daemon: connected.self(),
      });
      link.publishHealth({ ...health, shadow: composed.models?.report, console: people.status });
    },
  };
};
