/** A log with records of every kind, as a daemon would have written it. */
import { openLog } from '../../src/adapters/log/sqlite-log';
import type { PipelineEvent, RecoveryRequest } from '../../src/domain/events';
import type { LedgerEntry } from '../../src/domain/ledger';
import { isoTime } from '../../src/domain/units';
import { openAnomaly } from './open-anomaly';
import { T0 } from './tiny-mission';

export const CHAIN_KEY = Buffer.from('0123456789abcdef0123456789abcdef');

export const anomalyEvent = (choice: Parameters<typeof openAnomaly>[0]): PipelineEvent => ({
  type: 'anomaly',
  ...openAnomaly(choice),
});

export const requestOf = (explanationId: string, rule = 'off'): RecoveryRequest => ({
  schemaVersion: 1,
  id: `${explanationId}/${rule}`,
  rule,
  level: 1,
  spacecraft: 'AURORA-1',
  time: isoTime(T0),
  command: 'OFF',
  arguments: { wheel: 'rw2' },
  expiry: isoTime(T0 + 60_000),
  explanationId,
  explanationRevision: 1,
  disposition: 'passive',
  trace: [],
  because: 'test',
});

/** A recovery of an anomaly, and its first step. */
export const recoveryEntries = (
  explanationId: string,
  choice: { readonly rule?: string; readonly state?: 'verified' | 'waiting'; readonly startedAt?: number } = {},
): readonly LedgerEntry[] => {
  const { rule = 'off', state = 'verified', startedAt = T0 } = choice;
  const request = requestOf(explanationId, rule);
  const record = {
    id: request.id,
    rule,
    equipment: 'rw2',
    subject: explanationId,
    explanationId,
    fault: 'offset',
    confidence: 0.9,
    grant: { asked: 'automatic' as const, granted: 'automatic' as const, reason: '' },
    steps: [{ request, expiryMs: 60_000, acknowledgement: 'none' as const, verifyWithinMs: null }],
    step: 0,
    state,
    isOver: state === 'verified',
    since: startedAt,
    deadline: null,
    expiry: startedAt + 60_000,
    startedAt,
    attributed: [],
    approvedBy: null,
    note: '',
    sent: 0,
  };
  return [
    { kind: 'recovery', record: record as unknown as Extract<LedgerEntry, { kind: 'recovery' }>['record'] },
    {
      kind: 'recovery-step',
      record: {
        recovery: request.id,
        request: request.id,
        explanationId,
        time: isoTime(startedAt),
        step: 0,
        from: null,
        to: state,
        by: 'rule',
        note: '',
      },
    },
  ];
};

/** Two anomalies, the first closed, with everything that can come of one. */
export const writeFullLog = (path: string, chainKey: Uint8Array | undefined = CHAIN_KEY): void => {
  const log = openLog(path, T0, { chainKey });
  log.note(T0, { kind: 'started', detail: { mode: 'active', model: null } });
  log.commit(
    [
      anomalyEvent({ id: 'a', start: T0, equipment: 'rw2', fault: 'offset' }),
      { type: 'action', ...requestOf('a') },
      {
        type: 'check',
        time: isoTime(T0),
        parameter: 'rw2_current_a',
        limit: 'warning',
        from: 'withinLimits',
        to: 'aboveHighLimit',
        value: 6.5,
        range: [-5, 5],
      },
      {
        type: 'monitor',
        time: isoTime(T0 + 1000),
        monitor: 'bus-low',
        severity: 'high',
        from: 'running',
        to: 'failed',
        failing: ['a'],
        members: 2,
        atLeast: 1,
      },
      {
        type: 'report',
        time: isoTime(T0 + 2000),
        name: 'WATCHDOG',
        severity: 'high',
        apid: 11,
        sequence: 7,
        values: { counter: 3 },
      },
    ],
    [
      ...recoveryEntries('a'),
      {
        kind: 'alarm-step',
        record: {
          name: 'anomaly/rw2',
          sequence: 1,
          time: isoTime(T0),
          change: 'triggered',
          state: 'triggered',
          severity: 'medium',
          value: 9,
          by: '',
          note: '',
        },
      },
      {
        kind: 'operator',
        record: {
          time: isoTime(T0),
          by: 'ada',
          request: 'alarm-ack',
          target: 'anomaly/rw2',
          ok: true,
          message: 'seen',
        },
      },
      { kind: 'telecommand', record: { time: isoTime(T0), name: 'SELECT_GAIN', arguments: { gain: 2 } } },
      { kind: 'verdict', record: { anomaly: 'a', by: 'ada', verdict: 'true', comment: 'bearing' } },
      { kind: 'note', record: { kind: 'note', about: 'anomaly', target: 'a', by: 'ada', text: 'bearing noise again' } },
    ],
  );
  log.commit([
    anomalyEvent({ id: 'a', start: T0, revision: 2, state: 'closed', equipment: 'rw2', fault: 'offset' }),
    anomalyEvent({ id: 'b', start: T0 + 60_000, equipment: 'rw1', fault: 'step' }),
  ]);
  log.close();
};
