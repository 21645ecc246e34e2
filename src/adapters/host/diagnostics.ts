/** Tells the running log what was dropped and what does not work, without letting a flood of one thing drown the others. */
import type { Drop } from '../../core/telemetry/drop';
import type { DropReason } from '../../domain/drops';
import type { Diagnostics } from '../../pipeline/ports';
import type { Vitals } from '../../pipeline/vitals';
import type { Logger } from './logger';

/** How many of 1, 2, 5, 10, 20, 50, 100, … have been reached. Each is a line: rarer as it goes on, and never silent for good. */
const milestones = (count: number): number => {
  if (count < 1) return 0;
  const exponent = Math.floor(Math.log10(count));
  const lead = count / 10 ** exponent;
  return 3 * exponent + (lead >= 5 ? 3 : lead >= 2 ? 2 : 1);
};

export const daemonDiagnostics = (logger: Logger, vitals: Vitals): Diagnostics => {
  const counts = new Map<DropReason, number>();
  const dropOne = ({ reason, message, count = 1 }: Drop): void => {
    const before = counts.get(reason) ?? 0;
    counts.set(reason, before + count);
    if (milestones(before + count) > milestones(before)) {
      logger.warn({ reason, count: before + count }, `dropped: ${message}`);
    }
  };
  return {
    dropped: (drops) => {
      // Idle packets are no loss: they are counted, and no warning is due.
      for (const drop of drops) if (drop.reason !== 'idle') dropOne(drop);
    },
    vital: (part, ok, detail) => {
      if (!vitals.report(part, ok, detail)) return;
      if (ok) logger.info({ part }, `${part} works again`);
      else logger.error({ part }, `${part} failed: ${detail ?? 'no reason given'}`);
    },
  };
};
