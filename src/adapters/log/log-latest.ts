/** Keeps `anomaly_latest` and the text index: one row an anomaly, as it stands, beside the revisions that are never changed. */
import type { Alarm } from '../../domain/alarm';
import type { Explanation } from '../../domain/explanation';
import { KEYS_PER_MS, tagOf, wordsOf } from './log-list';
import type { Tables } from './sqlite-tables';

/** Delays of detection are kept in tenths of a second: short to store, and few to count. */
export const DELAY_UNIT_MS = 100;

type Statement = ReturnType<Tables['prepare']>;

/** Everything a person may remember of an anomaly. */
const textOf = ({ id, sentence, spacecraft, verdict, attribution }: Explanation): string => {
  const { equipment, fault } = verdict;
  const named = [id, sentence, equipment, fault, ...attribution.map(({ parameter }) => parameter)].flatMap(wordsOf);
  const tags = [tagOf('equipment', equipment), tagOf('fault', fault), tagOf('spacecraft', spacecraft)];
  return [...new Set([...named, ...tags])].join(' ');
};

export class LatestWriter {
  private readonly find: Statement;
  private readonly lastKey: Statement;
  private readonly put: Statement;
  private readonly forgetText: Statement;
  private readonly putText: Statement;
  private readonly putSeverity: Statement;
  private readonly putVerdict: Statement;
  private readonly linkRecoveries: Statement;

  constructor(tables: Tables) {
    this.find = tables.prepare('SELECT key, run, revision FROM anomaly_latest WHERE id = @id');
    this.lastKey = tables.prepare('SELECT max(key) AS key FROM anomaly_latest WHERE key BETWEEN @first AND @last');
    this.put = tables.prepare(
      `INSERT INTO anomaly_latest (key, id, run, revision, state, spacecraft, start, "end", detected_at, delay, revised_at, "trigger",
         equipment, fault, confidence, score, threshold, model, sentence, words)
       VALUES (@key, @id, @run, @revision, @state, @spacecraft, @start, @end, @detectedAt, @delay, @revisedAt, @trigger,
         @equipment, @fault, @confidence, @score, @threshold, @model, @sentence, @words)
       ON CONFLICT (key) DO UPDATE SET run = excluded.run, revision = excluded.revision, state = excluded.state,
         "end" = excluded."end", detected_at = excluded.detected_at, delay = excluded.delay, revised_at = excluded.revised_at,
         "trigger" = excluded."trigger", equipment = excluded.equipment, fault = excluded.fault,
         confidence = excluded.confidence, score = excluded.score, threshold = excluded.threshold, model = excluded.model,
         sentence = excluded.sentence, words = excluded.words`,
    );
    this.forgetText = tables.prepare('DELETE FROM anomaly_text WHERE rowid = @key');
    this.putText = tables.prepare('INSERT INTO anomaly_text (rowid, words) VALUES (@key, @words)');
    this.putSeverity = tables.prepare('UPDATE anomaly_latest SET severity = @severity WHERE id = @id');
    this.putVerdict = tables.prepare('UPDATE anomaly_latest SET verdict = @verdict WHERE id = @id');
    this.linkRecoveries = tables.prepare(
      'UPDATE recovery SET anomaly_key = @key WHERE explanation_id = @id AND anomaly_key IS NULL',
    );
  }

  anomaly(explanation: Explanation, run: number): void {
    const { id, revision, state, spacecraft, start, end, detectedAt, revisedAt, trigger } = explanation;
    const { score, verdict, model, sentence } = explanation;
    const known = this.find.get({ id }) as { key: number; run: number; revision: number } | undefined;
    if (known !== undefined && (known.run > run || (known.run === run && known.revision > revision))) return;
    const key = known?.key ?? this.newKey(start);
    const { equipment, fault, confidence } = verdict;
    const delay = Math.round((Date.parse(detectedAt) - Date.parse(start)) / DELAY_UNIT_MS);
    const row = { key, id, run, revision, state, spacecraft, start, end, detectedAt, delay, revisedAt, trigger };
    const { value, threshold } = score;
    const words = textOf(explanation);
    this.put.run({ ...row, equipment, fault, confidence, score: value, threshold, model: model.id, sentence, words });
    if (known !== undefined) this.forgetText.run({ key });
    this.putText.run({ key, words });
    if (known === undefined) this.linkRecoveries.run({ key, id });
  }

  alarm({ explanationId, severity }: Alarm): void {
    if (explanationId !== null) this.putSeverity.run({ id: explanationId, severity });
  }

  /** @returns false when there is no such anomaly. */
  verdict(anomaly: string, verdict: string): boolean {
    return (this.putVerdict.run({ id: anomaly, verdict }) as { readonly changes: number }).changes > 0;
  }

  private newKey(start: string): number {
    const first = Date.parse(start) * KEYS_PER_MS;
    const { key } = this.lastKey.get({ first, last: first + KEYS_PER_MS - 1 }) as { readonly key: number | null };
    return key === null ? first : key + 1;
  }
}
