/** Recoveries, rules, equipments, alarms and what people did, in the tables of the log. Knows SQL, and not the SQLite package. */
import { alarmSchema, alarmStepSchema, type Alarm, type AlarmStep } from '../domain/alarm';
import type { Kept, LedgerEntry } from '../domain/ledger';
import { nothingKept } from '../domain/ledger';
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
} from '../domain/recovery';
import { isoTime } from '../domain/units';

/** The part of a database that is used here. */
export interface Tables {
  prepare(sql: string): {
    run(parameters: Readonly<Record<string, string | number | null>>): unknown;
    all(parameters: Readonly<Record<string, string | number | null>>): unknown[];
    get(parameters: Readonly<Record<string, string | number | null>>): unknown;
  };
}
type Statement = ReturnType<Tables['prepare']>;

/** Newest recoveries that a restarted daemon knows to be over; see `MAX_KNOWN` of the supervisor. */
const MAX_KNOWN = 10_000;
/** A list longer than this is not read by a person. */
const LIST_LIMIT = 1000;
/** The tables came with this version of the schema. */
const FIRST_VERSION = 2;

const WRITE = {
  recovery: `INSERT INTO recovery VALUES (@id, @startedAt, @rule, @equipment, @explanationId, @state, @isOver, @record)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, is_over = excluded.is_over, record = excluded.record`,
  'recovery-step': 'INSERT INTO recovery_step VALUES (NULL, @recovery, @time, @to, @record)',
  rule: 'INSERT OR REPLACE INTO rule_state VALUES (@rule, @equipment, @record)',
  override: 'INSERT OR REPLACE INTO rule_override VALUES (@rule, @record)',
  equipment: 'INSERT OR REPLACE INTO equipment_health VALUES (@equipment, @health, @record)',
  alarm: 'INSERT OR REPLACE INTO alarm VALUES (@name, @sequence, @state, @severity, @changedAt, @record)',
  'alarm-step': 'INSERT INTO alarm_step VALUES (NULL, @name, @sequence, @time, @change, @record)',
  operator: 'INSERT INTO operator_action VALUES (NULL, @wallTime, @by, @request, @target, @record)',
  memory: 'INSERT OR REPLACE INTO memory VALUES (@name, @record)',
} as const satisfies Record<LedgerEntry['kind'], string>;

export class LedgerWriter {
  private readonly statements: Readonly<Record<LedgerEntry['kind'], Statement>>;

  /** @param wallTime ISO 8601, now: people act on wall time. */
  constructor(
    tables: Tables,
    private readonly wallTime: () => string,
  ) {
    const { prepare } = { prepare: (sql: string) => tables.prepare(sql) };
    this.statements = {
      recovery: prepare(WRITE.recovery),
      'recovery-step': prepare(WRITE['recovery-step']),
      rule: prepare(WRITE.rule),
      override: prepare(WRITE.override),
      equipment: prepare(WRITE.equipment),
      alarm: prepare(WRITE.alarm),
      'alarm-step': prepare(WRITE['alarm-step']),
      operator: prepare(WRITE.operator),
      memory: prepare(WRITE.memory),
    };
  }

  /** Inside the caller's transaction. */
  write(entry: LedgerEntry): void {
    this.statements[entry.kind].run(this.rowOf(entry));
  }

  private rowOf(entry: LedgerEntry): Record<string, string | number | null> {
    const record = JSON.stringify(entry.kind === 'memory' ? entry.value : entry.record);
    switch (entry.kind) {
      case 'recovery': {
        const { id, startedAt, rule, equipment, explanationId, state, isOver } = entry.record;
        const over = isOver ? 1 : 0;
        return { id, startedAt: isoTime(startedAt), rule, equipment, explanationId, state, isOver: over, record };
      }
      case 'recovery-step': {
        const { recovery, time, to } = entry.record;
        return { recovery, time, to, record };
      }
      case 'rule': {
        const { rule, equipment } = entry.record;
        return { rule, equipment, record };
      }
      case 'override':
        return { rule: entry.record.rule, record };
      case 'equipment': {
        const { equipment, health } = entry.record;
        return { equipment, health, record };
      }
      case 'alarm': {
        const { name, sequence, state, severity, changedAt } = entry.record;
        return { name, sequence, state, severity, changedAt, record };
      }
      case 'alarm-step': {
        const { name, sequence, time, change } = entry.record;
        return { name, sequence, time, change, record };
      }
      case 'operator': {
        const { by, request, target } = entry.record;
        return { wallTime: this.wallTime(), by, request, target, record };
      }
      case 'memory':
        return { name: entry.name, record };
    }
  }
}

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
  private readonly isThere: boolean;

  constructor(private readonly tables: Tables) {
    const row = tables.prepare('SELECT user_version AS version FROM pragma_user_version').get({});
    // A log of version 1 that is only read is not migrated; it has nothing to tell here.
    this.isThere = (row as { readonly version: number }).version >= FIRST_VERSION;
  }

  /** Newest first; those that are over only when asked for. */
  listRecoveries({ all = false, limit = LIST_LIMIT } = {}): readonly Recovery[] {
    const where = all ? '' : 'WHERE is_over = 0';
    return this.read(`SELECT record FROM recovery ${where} ORDER BY started_at DESC, id LIMIT @limit`, { limit }).map(
      (record) => recoverySchema.parse(record),
    );
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
    const where = all ? '' : "WHERE state <> 'cleared'";
    return this.read(`SELECT record FROM alarm ${where} ORDER BY changed_at DESC, name LIMIT @limit`, { limit }).map(
      (record) => alarmSchema.parse(record),
    );
  }

  /** The newest life of an alarm. */
  showAlarm(name: string): ShownAlarm | undefined {
    const [record] = this.read('SELECT record FROM alarm WHERE name = @name ORDER BY sequence DESC LIMIT 1', { name });
    if (record === undefined) return undefined;
    const alarm = alarmSchema.parse(record);
    const { sequence } = alarm;
    const steps = this.read('SELECT record FROM alarm_step WHERE name = @name AND sequence = @sequence ORDER BY step', {
      name,
      sequence,
    });
    return { alarm, steps: steps.map((step) => alarmStepSchema.parse(step)) };
  }

  /** What people did, newest first. */
  listOperatorActions(limit = LIST_LIMIT): readonly OperatorAction[] {
    return this.read('SELECT record FROM operator_action ORDER BY sequence DESC LIMIT @limit', { limit }).map(
      (record) => operatorActionSchema.parse(record),
    );
  }

  kept(): Kept {
    if (!this.isThere) return nothingKept;
    const known = this.rows(
      'SELECT id AS name FROM recovery WHERE is_over = 1 ORDER BY started_at DESC, id LIMIT @limit',
      {
        limit: MAX_KNOWN,
      },
    );
    const sequences = this.rows('SELECT name, max(sequence) AS sequence FROM alarm GROUP BY name', {});
    const memory = this.rows('SELECT name, value FROM memory', {});
    const handed = this.rows('SELECT request AS name FROM outbox', {});
    return {
      recoveries: [...this.listRecoveries()].reverse(),
      known: known.map(({ name }) => name).reverse(),
      handed: handed.map(({ name }) => name),
      rules: this.read('SELECT record FROM rule_state', {}).map((record) => ruleRecordSchema.parse(record)),
      overrides: this.read('SELECT record FROM rule_override', {}).map((record) => ruleOverrideSchema.parse(record)),
      equipments: this.read('SELECT record FROM equipment_health', {}).map((record) =>
        equipmentRecordSchema.parse(record),
      ),
      alarms: [...this.listAlarms()].reverse(),
      sequences: Object.fromEntries(sequences.map(({ name, sequence = 0 }) => [name, sequence])),
      memory: Object.fromEntries(memory.map(({ name, value = 'null' }) => [name, JSON.parse(value) as unknown])),
    };
  }

  private read(sql: string, parameters: Readonly<Record<string, string | number>>): readonly unknown[] {
    return this.isThere ? this.tables.prepare(sql).all(parameters).map(recordOf) : [];
  }

  private rows(sql: string, parameters: Readonly<Record<string, string | number>>) {
    return this.tables.prepare(sql).all(parameters) as readonly {
      readonly name: string;
      readonly sequence?: number;
      readonly value?: string;
    }[];
  }
}
