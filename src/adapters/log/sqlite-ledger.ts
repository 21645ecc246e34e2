/** Recoveries, rules, equipments, alarms and what people did, in the tables of the log. Knows SQL, and not the SQLite package. */
import type { Chain } from './log-chain';
import type { LatestWriter } from './log-latest';
import { alarmSchema, alarmStepSchema, type Alarm, type AlarmStep } from '../../domain/alarm';
import type { StoredState, LedgerEntry } from '../../domain/ledger';
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
import { isoTime } from '../../domain/units';
import { qualify, requestScope, within, type Scope } from './log-scope';
import type { Tables } from './sqlite-tables';

type Statement = ReturnType<Tables['prepare']>;

/** Newest recoveries that a restarted daemon knows to be over; see `MAX_KNOWN` of the supervisor. */
const MAX_KNOWN = 10_000;
/** Of those, the ones that are looked through for a request that did not leave: more than one transaction has. */
const MAX_COMPLETED = 100;
/** A list longer than this is not read by a person. */
const LIST_LIMIT = 1000;

const WRITE = {
  recovery: `INSERT INTO recovery VALUES (@id, @startedAt, @rule, @equipment, @explanationId, @state, @isOver, @record,
      (SELECT key FROM anomaly_latest WHERE id = @explanationId))
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, is_over = excluded.is_over, record = excluded.record,
      anomaly_key = coalesce(anomaly_key, excluded.anomaly_key)`,
  rule: 'INSERT OR REPLACE INTO rule_state VALUES (@rule, @equipment, @record)',
  override: 'INSERT OR REPLACE INTO rule_override VALUES (@rule, @record)',
  equipment: 'INSERT OR REPLACE INTO equipment_health VALUES (@equipment, @health, @record)',
  alarm: 'INSERT OR REPLACE INTO alarm VALUES (@name, @sequence, @state, @severity, @changedAt, @record)',
  memory: 'INSERT OR REPLACE INTO memory VALUES (@name, @record)',
} as const satisfies Partial<Record<LedgerEntry['kind'], string>>;
type ReplacedKind = keyof typeof WRITE;

export class LedgerWriter {
  private readonly statements: Readonly<Record<ReplacedKind, Statement>>;

  /** @param wallTime ISO 8601, now: people act on wall time. */
  constructor(
    tables: Tables,
    private readonly chain: Chain,
    private readonly latest: LatestWriter,
    private readonly wallTime: () => string,
  ) {
    this.statements = {
      recovery: tables.prepare(WRITE.recovery),
      rule: tables.prepare(WRITE.rule),
      override: tables.prepare(WRITE.override),
      equipment: tables.prepare(WRITE.equipment),
      alarm: tables.prepare(WRITE.alarm),
      memory: tables.prepare(WRITE.memory),
    };
  }

  /** Inside the caller's transaction. @param scope whose names they are, in the log of a fleet. */
  write(entry: LedgerEntry, scope: Scope = ''): void {
    const record = JSON.stringify(entry.kind === 'memory' ? entry.value : entry.record);
    switch (entry.kind) {
      case 'recovery': {
        const { id, startedAt, rule, equipment, explanationId, state, isOver } = entry.record;
        const row = { id, startedAt: isoTime(startedAt), rule, equipment, explanationId, state };
        this.statements.recovery.run({ ...row, isOver: isOver ? 1 : 0, record });
        return;
      }
      case 'recovery-step': {
        const { recovery, time, to } = entry.record;
        this.chain.insert('recovery_step', { recovery, time, to_state: to, record });
        return;
      }
      case 'rule': {
        const { rule, equipment } = entry.record;
        this.statements.rule.run({ rule: qualify(scope, rule), equipment, record });
        return;
      }
      case 'override':
        this.statements.override.run({ rule: qualify(scope, entry.record.rule), record });
        return;
      case 'equipment': {
        const { equipment, health } = entry.record;
        this.statements.equipment.run({ equipment: qualify(scope, equipment), health, record });
        return;
      }
      case 'alarm': {
        const { name, sequence, state, severity, changedAt } = entry.record;
        this.statements.alarm.run({ name: qualify(scope, name), sequence, state, severity, changedAt, record });
        this.latest.alarm(entry.record);
        return;
      }
      case 'alarm-step': {
        const { name, sequence, time, change } = entry.record;
        this.chain.insert('alarm_step', { name: qualify(scope, name), sequence, time, change, record });
        return;
      }
      case 'operator': {
        const { by, request, target } = entry.record;
        const row = { wall_time: this.wallTime(), by, request, target: qualify(scope, target), record };
        this.chain.insert('operator_action', row);
        return;
      }
      case 'verdict': {
        const { anomaly, by, verdict, comment } = entry.record;
        // A verdict on nothing is not kept; who gave it is told so.
        if (!this.latest.verdict(anomaly, verdict)) return;
        this.chain.insert('verdict', { wall_time: this.wallTime(), anomaly, verdict, by, comment });
        return;
      }
      case 'note': {
        const { kind, about, target, by, text } = entry.record;
        this.chain.insert('note', { wall_time: this.wallTime(), kind, about, target, by, text });
        return;
      }
      case 'telecommand': {
        const { time, name } = entry.record;
        this.chain.insert('telecommand', { time, name: qualify(scope, name), record });
        return;
      }
      case 'memory':
        this.statements.memory.run({ name: qualify(scope, entry.name), record });
        return;
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
  /** @param scope whose entries are read, of the log of a fleet; left out: all. */
  constructor(
    private readonly tables: Tables,
    private readonly scope: Scope = '',
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
