/** `TYPE@WHEEL+START/DURATION[xSEVERITY]`: a fault on the command line, and whether a set of faults can happen together. */
import { FdirError, type Problem } from '../domain/errors';
import { parseDuration } from '../domain/units';
import { FAULT_KINDS, FAULTS, wheelId, type Fault, type FaultKind } from './faults';
import { WHEELS } from './pyramid';

const SYNTAX = /^([^@]+)@([^+]+)\+([^/]+)\/([^x]+)(?:x(.+))?$/;

const isKind = (text: string): text is FaultKind => (FAULT_KINDS as readonly string[]).includes(text);

const usage = (message: string): FdirError => new FdirError('usage', message);

/**
 * @param text e.g. `friction-rise@rw2+40m/30m` or `torque-loss@rw0+2h/20mx0.3`; START counts from the start of the pass.
 * @throws FdirError `usage` naming what is wrong and what would be right.
 */
export const parseFault = (text: string, passStart: number): Fault => {
  const [, kind = '', wheelText = '', startText = '', durationText = '', severityText] = SYNTAX.exec(text) ?? [];
  if (kind === '') {
    throw usage(
      `fault "${text}" is not TYPE@WHEEL+START/DURATION[xSEVERITY], such as friction-rise@rw2+40m/30m or torque-loss@rw0+2h/20mx0.3`,
    );
  }
  if (!isKind(kind))
    throw usage(`fault "${text}": "${kind}" is not a known fault; there are ${FAULT_KINDS.join(', ')}`);
  const wheel = Array.from({ length: WHEELS }, (_, index) => wheelId(index)).indexOf(wheelText);
  if (wheel < 0) throw usage(`fault "${text}": "${wheelText}" is not a wheel; there are rw0 to ${wheelId(WHEELS - 1)}`);
  const startMs = parseDuration(startText);
  if (startMs === undefined)
    throw usage(`fault "${text}": "${startText}" is not a time after the start of the pass such as 40m or 2h`);
  const durationMs = parseDuration(durationText);
  if (durationMs === undefined || durationMs <= 0)
    throw usage(`fault "${text}": "${durationText}" is not a duration such as 20m`);
  const { allowed, severity: meaning, default: usual } = FAULTS[kind];
  const severity = severityText === undefined ? usual : Number(severityText);
  if (!(severity >= allowed[0] && severity <= allowed[1])) {
    throw usage(
      `fault "${text}": severity "${severityText ?? ''}" must be a number from ${String(allowed[0])} to ${String(allowed[1])} (${meaning})`,
    );
  }
  return { kind, wheel, start: passStart + startMs, durationMs, severity };
};

const describe = ({ kind, wheel }: Fault): string => `${kind} of ${wheelId(wheel)}`;

/** @throws FdirError `usage` when a fault leaves the pass, falls between two samples, or overlaps another of its wheel; every problem is listed. */
export const checkFaults = (
  faults: readonly Fault[],
  { start, durationMs, periodMs }: { readonly start: number; readonly durationMs: number; readonly periodMs: number },
): void => {
  const problems: Problem[] = [];
  faults.forEach((fault, index) => {
    if (fault.start < start || fault.start + fault.durationMs > start + durationMs) {
      problems.push({ message: `${describe(fault)} is not inside the pass` });
    }
    if (fault.durationMs < periodMs) problems.push({ message: `${describe(fault)} is shorter than a sampling period` });
    for (const other of faults.slice(index + 1)) {
      if (other.wheel !== fault.wheel) continue;
      if (other.start < fault.start + fault.durationMs && fault.start < other.start + other.durationMs) {
        problems.push({
          message: `${describe(fault)} and ${describe(other)} overlap: one wheel can have one fault at a time`,
        });
      }
    }
  });
  if (problems.length > 0) throw new FdirError('usage', 'the faults cannot be simulated', problems);
};
