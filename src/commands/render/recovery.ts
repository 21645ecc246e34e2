/** One recovery as a person reads it: what was asked for, why, by whose authority, and how it went. Pure. */
import type { Recovery, RecoveryStep } from '../../domain/recovery';
import { isoTime } from '../../domain/units';
import { describeRequest } from './account';
import type { Look } from './look';
import { table } from './table';
import { wrap } from './text';

const LABEL_WIDTH = 12;
const MARGIN = 2;

const section = (label: string, lines: readonly string[], { paint }: Look): string[] =>
  lines.map(
    (line, index) => ' '.repeat(MARGIN) + paint('faint', (index === 0 ? label : '').padEnd(LABEL_WIDTH)) + line,
  );

const authority = ({ grant, approvedBy }: Recovery): string => {
  const { asked, granted, reason } = grant;
  const given = asked === granted ? granted : `${granted} instead of ${asked}: ${reason}`;
  return approvedBy === null ? given : `${given}; approved by ${approvedBy}`;
};

const mark = (holds: boolean, truth: string | undefined): string => truth ?? (holds ? 'true' : 'false');

/** Which sub-expression had which value. */
const trace = ({ steps, step }: Recovery): readonly string[] =>
  table(
    (steps[step]?.request.trace ?? []).map(({ condition, actual, holds, truth }) => [
      condition,
      `= ${String(actual)}`,
      mark(holds, truth),
    ]),
  );

const stateLine = ({ state, isOver, since, deadline, expiry, note }: Recovery): string => {
  const until = isOver || deadline === null ? '' : `, until ${isoTime(deadline)}`;
  const void_ = state === 'waiting' || state === 'armed' ? `; the request is void from ${isoTime(expiry)}` : '';
  return `${state} since ${isoTime(since)}${until}${void_}${note === '' ? '' : `: ${note}`}`;
};

export const renderRecovery = (recovery: Recovery, steps: readonly RecoveryStep[], look: Look): readonly string[] => {
  const inner: Look = { ...look, width: look.width - MARGIN - LABEL_WIDTH };
  const current = recovery.steps[recovery.step]?.request;
  const rungs = recovery.steps.map(
    ({ request }, index) => `${index === recovery.step ? '>' : ' '} ${String(index + 1)}. ${describeRequest(request)}`,
  );
  const history = table(
    steps.map(({ time, from, to, by, note, step }) => [
      time,
      `step ${String(step + 1)}`,
      from === null ? to : `${from} -> ${to}`,
      by,
      note,
    ]),
  );
  return [
    look.paint('heading', `${recovery.equipment}: ${recovery.rule} (level ${String(current?.level ?? 0)})`),
    ...section('id', [recovery.id], look),
    ...section('state', wrap(stateLine(recovery), inner.width), look),
    ...section('asks for', rungs, look),
    ...section('authority', wrap(authority(recovery), inner.width), look),
    ...section('answers', [`${recovery.explanationId}: ${recovery.fault}`], look),
    ...section('decided on', trace(recovery), look),
    ...section('because', wrap(current?.because ?? '', inner.width), look),
    ...section('history', history, look),
    ...section('meanwhile', recovery.attributed, look),
  ];
};

/** A line each. */
export const recoveryTable = (recoveries: readonly Recovery[]): readonly string[] =>
  table([
    ['STARTED', 'STATE', 'UNTIL', 'EQUIPMENT', 'RULE', 'AUTHORITY', 'COMMAND', 'ID'],
    ...recoveries.map((recovery) => [
      isoTime(recovery.startedAt),
      recovery.state,
      recovery.isOver || recovery.deadline === null ? '-' : isoTime(recovery.deadline),
      recovery.equipment,
      recovery.rule,
      recovery.grant.granted,
      recovery.steps[recovery.step]?.request.command ?? '',
      recovery.id,
    ]),
  ]);
