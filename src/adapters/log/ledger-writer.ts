/** Writes recoveries, rules, equipments, alarms and what people did into the tables of the log. Knows SQL, and not the SQLite package. */
import type { LedgerEntry } from '../../domain/ledger';
import { isoTime } from '../../domain/units';
import type { Chain } from './log-chain';
import type { LatestWriter } from './log-latest';
import { noteProblem, scopedNote } from './log-notes';
import { qualify, type LogScope } from './log-scope';
import type { Tables } from './sqlite-tables';

type Statement = ReturnType<Tables['prepare']>;

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
    private readonly tables: Tables,
    private readonly chain: Chain,
    private readonly latest: Pick<LatestWriter, 'alarm' | 'verdict'>,
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
  write(entry: LedgerEntry, scope: LogScope = ''): void {
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
        const scoped = scopedNote(scope, entry.record);
        const { kind, about, target, by, text } = scoped;
        // As a verdict on nothing: it is not kept, and who wrote it is told so.
        if (noteProblem(this.tables, scoped) !== undefined) return;
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
