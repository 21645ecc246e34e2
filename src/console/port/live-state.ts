/**
 * What stands at the moment, kept on both sides of the console's port. The daemon's side can then tell all of it again, and the
 * console's side answers from it. Bounded by what is open: recoveries under way, alarms not cleared, anomalies not closed.
 */
import type { Alarm } from '../../domain/alarm';
import type { LedgerEntry } from '../../domain/ledger';
import type { EquipmentRecord, Recovery, RuleOverride, RuleRecord } from '../../domain/recovery';
import type { EventAction } from '../../domain/rules';
import type { AnomalySummary } from '../api/anomalies';
import type { ShownManifest } from './mission-views';

/** Everything of the ledger that the console shows, anomalies, and rules and model when they are loaded anew. */
export type LiveChange =
  | Extract<LedgerEntry, { kind: 'recovery' | 'rule' | 'override' | 'equipment' | 'alarm' | 'operator' | 'verdict' }>
  | { readonly kind: 'anomaly'; readonly record: AnomalySummary }
  | { readonly kind: 'model'; readonly manifest: ShownManifest }
  | { readonly kind: 'rules'; readonly sha256: string; readonly rules: readonly EventAction[] };

export const isLiveChange = (entry: LedgerEntry): entry is Extract<LiveChange, LedgerEntry> =>
  ['recovery', 'rule', 'override', 'equipment', 'alarm', 'operator', 'verdict'].includes(entry.kind);

/** A batch may end some recoveries before it says which of them an equipment's health names. */
const MAX_ENDED = 100;

export class LiveState {
  readonly recoveries = new Map<string, Recovery>();
  readonly alarms = new Map<string, Alarm>();
  readonly anomalies = new Map<string, AnomalySummary>();
  readonly equipments = new Map<string, EquipmentRecord>();
  readonly overrides = new Map<string, RuleOverride>();
  /** Recoveries that are over, the newest last: the health of an equipment may name one. */
  readonly ended = new Map<string, Recovery>();
  private readonly records = new Map<string, RuleRecord>();
  rules: readonly EventAction[] = [];
  rulesSha256 = '';
  /** Of the model that judges; undefined without one. */
  manifest: ShownManifest | undefined;

  get ruleRecords(): readonly RuleRecord[] {
    return [...this.records.values()];
  }

  take(change: LiveChange): void {
    switch (change.kind) {
      case 'recovery': {
        const { record } = change;
        if (record.isOver) {
          this.recoveries.delete(record.id);
          this.remember(record);
        } else this.recoveries.set(record.id, record);
        return;
      }
      case 'alarm': {
        const { record } = change;
        if (record.state === 'cleared') this.alarms.delete(record.name);
        else this.alarms.set(record.name, record);
        const known = this.anomalyOf(record);
        if (known !== undefined) this.anomalies.set(known.id, { ...known, severity: record.severity });
        return;
      }
      case 'anomaly': {
        const { record } = change;
        if (record.state === 'closed') this.anomalies.delete(record.id);
        else this.anomalies.set(record.id, this.judged(record));
        return;
      }
      case 'rule':
        this.records.set(`${change.record.rule} ${change.record.equipment}`, change.record);
        return;
      case 'override':
        this.overrides.set(change.record.rule, change.record);
        return;
      case 'equipment':
        this.equipments.set(change.record.equipment, change.record);
        return;
      case 'model':
        this.manifest = change.manifest;
        return;
      case 'rules':
        this.rules = change.rules;
        this.rulesSha256 = change.sha256;
        return;
      case 'verdict': {
        const { anomaly, verdict } = change.record;
        const open = this.anomalies.get(anomaly);
        if (open !== undefined) this.anomalies.set(anomaly, { ...open, verdict });
        return;
      }
      case 'operator':
        // News, not a state.
        return;
    }
  }

  private remember(record: Recovery): void {
    this.ended.set(record.id, record);
    if (this.ended.size <= MAX_ENDED) return;
    const named = this.namedRecoveries;
    const oldest = [...this.ended.keys()].find((id) => !named.has(id));
    if (oldest !== undefined) this.ended.delete(oldest);
  }

  /** What the health of an equipment names as its reason. */
  private get namedRecoveries(): ReadonlySet<string> {
    return new Set([...this.equipments.values()].map(({ note }) => note));
  }

  /** A revision knows nothing of what people said before it, nor how severe its alarm is. */
  judged(record: AnomalySummary): AnomalySummary {
    const before = this.anomalies.get(record.id);
    const alarm = [...this.alarms.values()].find(({ explanationId }) => explanationId === record.id);
    const severity = before?.severity ?? alarm?.severity ?? record.severity;
    return { ...record, severity, verdict: record.verdict ?? before?.verdict ?? null };
  }

  /** The open anomaly that an alarm points to. */
  anomalyOf({ explanationId }: Alarm): AnomalySummary | undefined {
    return explanationId === null ? undefined : this.anomalies.get(explanationId);
  }

  /** Forgets everything and takes what a snapshot says. */
  reset(changes: readonly LiveChange[]): void {
    for (const kept of [
      this.recoveries,
      this.ended,
      this.alarms,
      this.anomalies,
      this.equipments,
      this.overrides,
      this.records,
    ])
      kept.clear();
    for (const change of changes) this.take(change);
  }

  /** The changes that lead from nothing to here. */
  snapshot(): readonly LiveChange[] {
    const { rules, rulesSha256: sha256, manifest, namedRecoveries } = this;
    const ended = [...this.ended.values()].filter(({ id }) => namedRecoveries.has(id));
    return [
      ...(manifest === undefined ? [] : [{ kind: 'model' as const, manifest }]),
      { kind: 'rules', sha256, rules },
      ...[...this.overrides.values()].map((record) => ({ kind: 'override' as const, record })),
      ...this.ruleRecords.map((record) => ({ kind: 'rule' as const, record })),
      ...[...this.equipments.values()].map((record) => ({ kind: 'equipment' as const, record })),
      ...[...ended, ...this.recoveries.values()].map((record) => ({ kind: 'recovery' as const, record })),
      ...[...this.alarms.values()].map((record) => ({ kind: 'alarm' as const, record })),
      ...[...this.anomalies.values()].map((record) => ({ kind: 'anomaly' as const, record })),
    ];
  }
}
