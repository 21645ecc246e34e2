/** What happened, as rows of the log: the same for every store. */
import { frameToBytes } from '../../core/anomaly/frame-bytes';
import type { AnomalyEvent, PipelineEvent } from '../../domain/events';
import type { LinkedTable, Row } from './log-chain';
import { qualify, type LogScope } from './log-scope';

/** A row that is written once and is a link of the chain. */
export interface LinkedRow {
  readonly table: LinkedTable;
  readonly row: Row;
}

const rowOfAnomaly = ({ type: _type, ...record }: AnomalyEvent, run: number): Row => {
  const { equipment, fault, confidence } = record.verdict;
  const { id, revision, state, spacecraft, start, end, detectedAt, trigger } = record;
  const { from, to, surroundings, ...series } = record.freezeFrame;
  const around = surroundings && { from: surroundings.from, to: surroundings.to };
  return {
    ...{ run, id, revision, state, spacecraft, start, end, detected_at: detectedAt, trigger },
    ...{ equipment, fault, confidence, score: record.score.value },
    record: JSON.stringify({ ...record, freezeFrame: { from, to, surroundings: around } }),
    frame: frameToBytes({ ...series, surroundings: surroundings?.parameters }),
  };
};

/** @param run the opening of the log that it belongs to. @param scope whose it is, in the log of a fleet. */
export const rowOfEvent = (event: PipelineEvent, run: number, scope: LogScope): LinkedRow => {
  switch (event.type) {
    case 'anomaly':
      return { table: 'anomaly', row: rowOfAnomaly(event, run) };
    case 'check': {
      const { time, parameter: name, limit, from, to, value, range } = event;
      const [low, high] = range;
      const parameter = qualify(scope, name);
      // An open end: the columns take no null, and the record keeps it.
      const ends = { low: low ?? -Infinity, high: high ?? Infinity };
      const row = { run, time, parameter, limit_set: limit, from_status: from, to_status: to, value, ...ends };
      return { table: 'check_transition', row: { ...row, record: JSON.stringify(event) } };
    }
    case 'monitor':
    case 'muted': {
      const id = qualify(scope, event.type === 'monitor' ? event.monitor : event.id);
      const { time, type } = event;
      return { table: 'monitor_event', row: { run, time, type, id, record: JSON.stringify(event) } };
    }
    case 'report': {
      const { time, severity } = event;
      const name = qualify(scope, event.name);
      return { table: 'onboard_event', row: { time, name, severity, record: JSON.stringify(event) } };
    }
    case 'action': {
      const { type: _type, ...record } = event;
      const { id, explanationId, explanationRevision, rule, level, time, command, disposition } = record;
      const row = { run, id, explanation_id: explanationId, explanation_revision: explanationRevision, rule, level };
      return { table: 'action', row: { ...row, time, command, disposition, record: JSON.stringify(record) } };
    }
  }
};
