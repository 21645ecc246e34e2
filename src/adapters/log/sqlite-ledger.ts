/** Recoveries, rules, equipments, alarms and what people did, in the tables of the log. Knows SQL, and not the SQLite package. */
import { noteProblem, readNotes, scopedNote } from './log-notes';
import { alarmSchema, alarmStepSchema, type Alarm, type AlarmStep } from '../../domain/alarm';
import type { StoredState } from '../../domain/ledger';
import type { Note, NoteFilter, NoteRecord } from '../../domain/note';
import {
  equipmentRecordSchema,
  operatorActionSchema,
  recoverySchema,
  recoveryStepSchema,
  ruleOverrideSchema,
  ruleRecordSchema,
  type OperatorAction,
  type Recovery,
  type RecoveryStep,
} from '../../domain/recovery';
import { qualify, requestScope, within, type LogScope } from './log-scope';
import type { Tables } from './sqlite-tables';

/** Newest recoveries that a restarted daemon knows to be over; see `MAX_KNOWN` of the supervisor. */
const MAX_KNOWN = 10_000;
/** Of those, the ones that are looked through for a request that did not leave: more than one transaction has. */
const MAX_COMPLETED = 100;
/** A list longer than this is not read by a person. */
const LIST_LIMIT = 1000;

const recordOf = (row: unknown): unknown => JSON.parse((row as { readonly record: string }).record);

export interface ShownRecovery {
  readonly recovery: Recovery;
  /** In order. */
  readonly steps: readonly RecoveryStep[];
}

export interface ShownAlarm {
  readonly alarm: Alarm;
  readonly steps: readonly AlarmStep[];
}

export class LedgerReader {
  /** @param scope whose entries are read, of the log of a fleet; left out: all. */
  constructor(
    private readonly tables: Tables,
    private readonly scope: LogScope = '',
  ) {}

  /** The condition that a row belongs to the scope. */
  private own(column: string): string {
    return within(column, this.scope);
  }

  /** A name as it is within the scope. */
  private local(name: string): string {
    return name.slice(this.scope.length);
  }

  hasAnomaly(id: string): boolean {
    return this.tables.prepare('SELECT 1 FROM anomaly_latest WHERE id = @id').get({ id }) !== undefined;
  }

  /** Newest first; those that are over only when asked for. */
  listRecoveries({ all = false, limit = LIST_LIMIT } = {}): readonly Recovery[] {
    const where = `${all ? '1 = 1' : 'is_over = 0'} AND ${this.own('explanation_id')}`;
    return this.read(`SELECT record FROM recovery WHERE ${where} ORDER BY started_at DESC, id LIMIT @limit`, {
      limit,
    }).map((record) => recoverySchema.parse(record));
  }

  /** By its id or that of one of its requests. */
  showRecovery(id: string): ShownRecovery | undefined {
    const [record] = this.read(
      `SELECT record FROM recovery WHERE id = @id OR id IN (
         SELECT recovery FROM recovery_step WHERE json_extract(record, '$.request') = @id) LIMIT 1`,
      { id },
    );
    if (record === undefined) return undefined;
    const recovery = recoverySchema.parse(record);
    const steps = this.read('SELECT record FROM recovery_step WHERE recovery = @id ORDER BY sequence', {
      id: recovery.id,
    });
    return { recovery, steps: steps.map((step) => recoveryStepSchema.parse(step)) };
  }

  /** Those that are not cleared, or all of them, newest first. */
  listAlarms({ all = false, limit = LIST_LIMIT } = {}): readonly Alarm[] {
    const where = `${all ? '1 = 1' : "state <> 'cleared'"} AND ${this.own('name')}`;
    const rows = this.rows(
      `SELECT name, record AS value FROM alarm WHERE ${where} ORDER BY changed_at DESC, name LIMIT @limit`,
      {
        limit,
      },
    );
    // In the log of a fleet a name says whose alarm it is.
    return rows.map(({ name, value = '' }) => ({ ...alarmSchema.parse(JSON.parse(value)), name: this.local(name) }));
  }

  /** The newest life of an alarm. */
  showAlarm(name: string): ShownAlarm | undefined {
    const full = qualify(this.scope, name);
    const [record] = this.read('SELECT record FROM alarm WHERE name = @name ORDER BY sequence DESC LIMIT 1', {
      name: full,
    });
    if (record === undefined) return undefined;
    const alarm = { ...alarmSchema.parse(record), name };
    const { sequence } = alarm;
    const steps = this.read('SELECT record FROM alarm_step WHERE name = @name AND sequence = @sequence ORDER BY step', {
      name: full,
      sequence,
    });
    return { alarm, steps: steps.map((step) => alarmStepSchema.parse(step)) };
  }

  /** What people did, newest first. */
  listOperatorActions(limit = LIST_LIMIT): readonly OperatorAction[] {
    return this.read(
      `SELECT record FROM operator_action WHERE ${this.own('target')} ORDER BY sequence DESC LIMIT @limit`,
      { limit },
    ).map((record) => operatorActionSchema.parse(record));
  }

  /** Notes, newest first. */
  notes(filter: NoteFilter): readonly NoteRecord[] {
    const { about, target } = filter;
    const isAlarm = about === 'alarm' && target !== undefined;
    const notes = readNotes(this.tables, isAlarm ? { ...filter, target: qualify(this.scope, target) } : filter);
    return notes.map((note) =>
      note.about === 'alarm' && note.target.startsWith(this.scope)
        ? { ...note, target: this.local(note.target) }
        : note,
    );
  }

  /** Why a note is not kept; undefined: it is. */
  noteProblem(note: Note): string | undefined {
    return noteProblem(this.tables, scopedNote(this.scope, note));
  }

  kept(): StoredState {
    const known = this.rows(
      `SELECT id AS name FROM recovery WHERE is_over = 1 AND ${this.own('explanation_id')}
       ORDER BY started_at DESC, id LIMIT @limit`,
      {
        limit: MAX_KNOWN,
      },
    );
    const completed = this.read(
      `SELECT record FROM recovery WHERE is_over = 1 AND json_extract(record, '$.state') = 'completed' AND ${this.own('explanation_id')}
       ORDER BY started_at DESC, id LIMIT @limit`,
      { limit: MAX_COMPLETED },
    );
    const sequences = this.rows(
      `SELECT name, max(sequence) AS sequence FROM alarm WHERE ${this.own('name')} GROUP BY name`,
      {},
    );
    const memory = this.rows(`SELECT name, value FROM memory WHERE ${this.own('name')}`, {});
    const handed = this.rows(
      `SELECT request AS name FROM outbox WHERE ${within('request', requestScope(this.scope))}`,
      {},
    );
    return {
      recoveries: [...this.listRecoveries()].reverse(),
      known: known.map(({ name }) => name).reverse(),
      completed: completed.map((record) => recoverySchema.parse(record)),
      handed: handed.map(({ name }) => name),
      rules: this.read(`SELECT record FROM rule_state WHERE ${this.own('rule')}`, {}).map((record) =>
        ruleRecordSchema.parse(record),
      ),
      overrides: this.read(`SELECT record FROM rule_override WHERE ${this.own('rule')}`, {}).map((record) =>
        ruleOverrideSchema.parse(record),
      ),
      equipments: this.read(`SELECT record FROM equipment_health WHERE ${this.own('equipment')}`, {}).map((record) =>
        equipmentRecordSchema.parse(record),
      ),
      alarms: [...this.listAlarms()].reverse(),
      sequences: Object.fromEntries(sequences.map(({ name, sequence = 0 }) => [this.local(name), sequence])),
      memory: Object.fromEntries(
        memory.map(({ name, value = 'null' }) => [this.local(name), JSON.parse(value) as unknown]),
      ),
    };
  }

  private read(sql: string, parameters: Readonly<Record<string, string | number>>): readonly unknown[] {
    return this.tables.prepare(sql).all(parameters).map(recordOf);
  }

  private rows(sql: string, parameters: Readonly<Record<string, string | number>>) {
    return this.tables.prepare(sql).all(parameters) as readonly {
      readonly name: string;
      readonly sequence?: number;
      readonly value?: string;
    }[];
  }
}
