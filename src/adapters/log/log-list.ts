/**
 * Lists of the log as SQL. The filter that lets fewest rows pass leads, by an index that ends in the order of the list. The
 * others are judged from the columns of the same index. Free text leads whenever it is there. Knows SQL, and not the SQLite
 * package.
 *
 * Lists have a table of their own, `anomaly_latest`: one row for each anomaly. Counting, up to a bound, finds the filter that
 * lets fewest rows pass.
 */
import type { LogFilter, LogPage, SortKey } from '../../domain/log-query';
import { FdirError } from '../../domain/errors';
import type { Tables } from './sqlite-tables';

type Parameters = Readonly<Record<string, string | number | null>>;

export interface Query {
  readonly sql: string;
  readonly parameters: Parameters;
}

/** Keys of `anomaly_latest` are milliseconds times this, and a count. */
export const KEYS_PER_MS = 1000;
/** Beyond so many rows a filter leads as badly as any other. */
const COUNTED_ROWS = 5000;
/** So few rows are looked up among the words of the text index one by one. */
const FEW_ROWS = 2000;
const COLUMNS = `a.key, a.id, a.revision, a.state, a.spacecraft, a.start, a."end", a.detected_at AS detectedAt,
  a.revised_at AS revisedAt, a."trigger", a.equipment, a.fault, a.confidence, a.score, a.threshold, a.severity, a.model,
  a.sentence, a.verdict`;

/** One anomaly of a list, by `@id`. */
export const LATEST = `SELECT ${COLUMNS} FROM anomaly_latest a WHERE a.id = @id`;

/** What names and words are found by: letters and digits, in one case. */
export const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

/** Words that are looked for; with an asterisk behind it, the beginning of one. */
const soughtOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+\*?/gu) ?? [];

/** The same for a database that keeps words as lexemes: each in quotes, because none is to be read as an operator. */
const lexemesOf = (text: string): string =>
  soughtOf(text)
    .map((word) => (word.endsWith('*') ? `'${word.slice(0, -1)}':*` : `'${word}'`))
    .join(' & ');

/** A word that stands for a column, so that the text index can judge it; no text of ours has it. */
export const tagOf = (column: 'equipment' | 'fault' | 'spacecraft', value: string): string =>
  `${column}__${[...value.toLowerCase()].map((letter) => (/[a-z0-9]/.test(letter) ? letter : `_${(letter.codePointAt(0) ?? 0).toString(16)}_`)).join('')}`;

/** A condition on one column, and the index that it may lead by. */
interface Condition {
  readonly sql: string;
  readonly parameters: Parameters;
  /** An index whose columns begin with the one compared, for one value. */
  readonly index?: string | undefined;
  /** Where the rows are counted; in `anomaly_latest` unless it says otherwise. */
  readonly from?: string;
}

const oneOf = (column: string, values: readonly string[]): Condition => {
  const names = values.map((_, index) => `${column}${String(index)}`);
  return {
    sql: `a.${column} IN (${names.map((name) => `@${name}`).join(', ')})`,
    parameters: Object.fromEntries(values.map((value, index) => [names[index] ?? '', value])),
    index: values.length === 1 ? `latest_by_${column}` : undefined,
  };
};

const keyOf = (time: string): number => Date.parse(time) * KEYS_PER_MS;

const conditionsOf = (filter: LogFilter): readonly Condition[] => {
  const { since, until, equipment, fault, spacecraft, state, severity, verdict, minConfidence, maxConfidence } = filter;
  const equal = (column: string, value: string | undefined): Condition[] =>
    value === undefined ? [] : [oneOf(column, [value])];
  return [
    ...(since === undefined ? [] : [{ sql: 'a.key >= @since', parameters: { since: keyOf(since) } }]),
    ...(until === undefined ? [] : [{ sql: 'a.key < @until', parameters: { until: keyOf(until) } }]),
    ...(equipment === undefined ? [] : [oneOf('equipment', equipment)]),
    ...(fault === undefined ? [] : [oneOf('fault', fault)]),
    ...equal('spacecraft', spacecraft),
    ...equal('state', state),
    ...equal('severity', severity),
    ...equal('verdict', verdict === 'none' ? '' : verdict),
    ...(minConfidence === undefined && maxConfidence === undefined
      ? []
      : [
          {
            // As it is shown: in whole percent.
            sql: 'round(a.confidence * 100) BETWEEN @least * 100.0 AND @most * 100.0',
            parameters: { least: minConfidence ?? 0, most: maxConfidence ?? 1 },
          },
        ]),
  ];
};

/** Which recoveries an anomaly must have; undefined: any or none. */
const recoveryCondition = ({ rule, outcome }: LogFilter): { sql: string; parameters: Parameters } | undefined => {
  if (rule === undefined && outcome === undefined) return undefined;
  const parts = [
    ...(rule === undefined ? [] : ['r.rule = @rule']),
    ...(outcome === undefined ? [] : ['r.state = @outcome']),
  ];
  return {
    sql: parts.join(' AND '),
    parameters: { ...(rule !== undefined && { rule }), ...(outcome !== undefined && { outcome }) },
  };
};

const matchOf = ({ text, equipment, fault, spacecraft }: LogFilter): string | undefined => {
  const words = text === undefined ? [] : soughtOf(text);
  if (words.length === 0) return undefined;
  const anyOf = (column: 'equipment' | 'fault', values: readonly string[] | undefined): string[] =>
    values === undefined ? [] : [`(${values.map((value) => tagOf(column, value)).join(' OR ')})`];
  const tags = [
    ...anyOf('equipment', equipment),
    ...anyOf('fault', fault),
    ...(spacecraft === undefined ? [] : [tagOf('spacecraft', spacecraft)]),
  ];
  return [...words, ...tags].join(' AND ');
};

/** Which of the conditions lets fewest rows pass: counted, up to a bound. */
const leading = (tables: Tables, conditions: readonly Condition[]) => {
  let best: { readonly index: string; readonly rows: number } | undefined;
  for (const condition of conditions) {
    if (condition.index === undefined) continue;
    const counted = tables
      .prepare(
        `SELECT count(*) AS rows FROM (SELECT 1 FROM anomaly_latest a INDEXED BY ${condition.index}
         WHERE ${condition.sql} LIMIT ${String(COUNTED_ROWS)}) few`,
      )
      .get(condition.parameters) as { readonly rows: number };
    if (best === undefined || counted.rows < best.rows) best = { index: condition.index, rows: counted.rows };
  }
  return best;
};

/** The rows that pass a filter, before order and page: `FROM ... WHERE ...`, and what column orders them as `a.key` does. */
export const fromWhere = (tables: Tables, filter: LogFilter): Query & { readonly key: string } => {
  const conditions = conditionsOf(filter);
  const recovery = recoveryCondition(filter);
  const match = matchOf(filter);
  const parameters: Record<string, string | number | null> = { ...recovery?.parameters };
  for (const condition of conditions) Object.assign(parameters, condition.parameters);
  const has = recovery && `EXISTS (SELECT 1 FROM recovery r WHERE r.anomaly_key = a.key AND ${recovery.sql})`;
  if (filter.text !== undefined && match === undefined) {
    // Nothing but punctuation: no record has it as a word.
    return { sql: 'FROM anomaly_latest a WHERE 1 = 0', parameters: {}, key: 'a.key' };
  }
  if (match !== undefined && tables.textIndex === 'column') {
    const all = [
      'words_match(a.words, @sought)',
      ...conditions.map(({ sql }) => sql),
      ...(has === undefined ? [] : [has]),
    ];
    const sought = lexemesOf(filter.text ?? '');
    return {
      sql: `FROM anomaly_latest a WHERE ${all.join(' AND ')}`,
      parameters: { ...parameters, sought },
      key: 'a.key',
    };
  }
  if (match !== undefined) {
    const rare = leading(tables, conditions);
    const judged = [...conditions.map(({ sql }) => sql), ...(has === undefined ? [] : [has])];
    if (rare !== undefined && rare.rows < FEW_ROWS) {
      // Few rows to look at: their words are compared.
      const words = soughtOf(filter.text ?? '');
      const said = words.map((_, index) => `instr(' ' || a.words || ' ', @word${String(index)}) > 0`);
      return {
        sql: `FROM anomaly_latest a INDEXED BY ${rare.index} WHERE ${[...judged, ...said].join(' AND ')}`,
        parameters: {
          ...parameters,
          ...Object.fromEntries(
            words.map((word, index) => [
              `word${String(index)}`,
              word.endsWith('*') ? ` ${word.slice(0, -1)}` : ` ${word} `,
            ]),
          ),
        },
        key: 'a.key',
      };
    }
    const all = judged.map((sql) => sql.replace(/^a\.key/, 'anomaly_text.rowid'));
    return {
      sql: `FROM anomaly_text CROSS JOIN anomaly_latest a ON a.key = anomaly_text.rowid WHERE ${['anomaly_text MATCH @match', ...all].join(' AND ')}`,
      parameters: { ...parameters, match },
      key: 'anomaly_text.rowid',
    };
  }
  const where = conditions.map(({ sql }) => sql);
  if (recovery !== undefined) {
    const index = filter.rule === undefined ? 'recovery_by_state' : 'recovery_by_rule';
    // An anomaly that the same rule answered twice is listed once.
    const once = `NOT EXISTS (SELECT 1 FROM recovery d INDEXED BY ${index}
      WHERE ${recovery.sql.replaceAll('r.', 'd.')} AND d.anomaly_key = r.anomaly_key AND d.rowid < r.rowid)`;
    const all = [
      recovery.sql,
      'r.anomaly_key IS NOT NULL',
      ...where.map((condition) => condition.replace('a.key', 'r.anomaly_key')),
      once,
    ];
    return {
      sql: `FROM recovery r INDEXED BY ${index} CROSS JOIN anomaly_latest a ON a.key = r.anomaly_key WHERE ${all.join(' AND ')}`,
      parameters,
      key: 'r.anomaly_key',
    };
  }
  const lead = leading(tables, conditions);
  // Without a filter that leads, a walk in the order of the list, which stops when the page is full.
  const index = lead?.index ?? 'latest_by_key';
  return {
    sql: `FROM anomaly_latest a INDEXED BY ${index}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`}`,
    parameters,
    key: 'a.key',
  };
};

const SORTED: Readonly<Record<Exclude<SortKey, 'start'>, string>> = {
  confidence: 'a.confidence',
  score: 'a.score',
  equipment: 'a.equipment',
  fault: 'a.fault',
};

const cursorSchemaError = (): never => {
  throw new FdirError('usage', 'the cursor is none that a list gave; leave it out to begin at the first page');
};

/** `[value, key]` of the last row of a page, or `[key]` in the order of start. */
const readCursor = (cursor: string): readonly (string | number)[] => {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(read) && read.every((item) => ['string', 'number'].includes(typeof item))) {
      return read as readonly (string | number)[];
    }
  } catch {
    // Told below.
  }
  return cursorSchemaError();
};

export const cursorOf = (sort: SortKey, row: Readonly<Record<string, unknown>>): string =>
  Buffer.from(JSON.stringify(sort === 'start' ? [row['key']] : [row[sort], row['key']])).toString('base64url');

/** One page and a row more, which tells whether there is a next one. */
export const pageQuery = (tables: Tables, filter: LogFilter, { sort, order, limit, cursor }: LogPage): Query => {
  const { sql, parameters, key } = fromWhere(tables, filter);
  const [direction, beyond] = order === 'asc' ? ['ASC', '>'] : ['DESC', '<'];
  const glue = sql.includes(' WHERE ') ? 'AND' : 'WHERE';
  const at = cursor === undefined ? undefined : readCursor(cursor);
  if (sort === 'start') {
    if (at !== undefined && (at.length !== 1 || typeof at[0] !== 'number')) cursorSchemaError();
    const after = at === undefined ? '' : ` ${glue} ${key} ${beyond} @afterKey`;
    return {
      sql: `SELECT ${COLUMNS} ${sql}${after} ORDER BY ${key} ${direction} LIMIT @limit`,
      parameters: { ...parameters, limit: limit + 1, ...(at !== undefined && { afterKey: at[0] ?? 0 }) },
    };
  }
  const column = SORTED[sort];
  if (at !== undefined && at.length !== 2) cursorSchemaError();
  const after = at === undefined ? '' : ` ${glue} (${column}, a.key) ${beyond} (@afterValue, @afterKey)`;
  return {
    sql: `SELECT ${COLUMNS} ${sql}${after} ORDER BY ${column} ${direction}, a.key ${direction} LIMIT @limit`,
    parameters: {
      ...parameters,
      limit: limit + 1,
      ...(at !== undefined && { afterValue: at[0] ?? 0, afterKey: at[1] ?? 0 }),
    },
  };
};
