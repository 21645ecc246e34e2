/**
 * The reader of the log says what it wants in SQL of SQLite; this says the same in that of PostgreSQL. One reader reads both, so lists,
 * accounts and counts are the same whatever keeps the log.
 */

interface TranslatedQuery {
  readonly text: string;
  /** Names of the parameters, in the order of $1, $2, and so on. */
  readonly names: readonly string[];
}

const REPLACED: readonly (readonly [RegExp, string])[] = [
  // Which index leads is the planner's business.
  [/ INDEXED BY \w+/g, ''],
  [/CROSS JOIN (\w+ \w+) ON/g, 'JOIN $1 ON'],
  [
    /EXISTS \(SELECT 1 FROM json_each\((\w+), '\$\.(\w+)'\) WHERE json_each\.key = (@\w+)\)/g,
    "jsonb_exists($1::jsonb->'$2', $3)",
  ],
  [
    /CAST\(round\(unixepoch\((.+?), 'subsec'\) \* 1000\) AS INTEGER\)/g,
    'round(extract(epoch FROM ($1)::timestamptz) * 1000)::bigint',
  ],
  // What is damaged is found by whoever reads it.
  [/CASE WHEN json_valid\(\w+\) THEN (.+?) ELSE \w+ END/g, '$1'],
  [/json_extract\(([\w.]+), '\$\.(\w+)'\)/g, "($1::json->>'$2')"],
  [/IN \(SELECT value FROM json_each\((@\w+)\)\)/g, 'IN (SELECT value FROM json_array_elements_text($1::json))'],
  [/unixepoch\((\w+)\)/g, '(extract(epoch FROM $1::timestamptz))::bigint'],
  [/\binstr\(/g, 'strpos('],
  [/words_match\(([\w.]+), (@\w+)\)/g, 'fdir_words($1) @@ $2::tsquery'],
  [/\browid\b/g, 'ctid'],
  // Unquoted names lose their capitals.
  [/\bAS ([a-z]+[A-Z]\w*)/g, 'AS "$1"'],
];

export const translate = (sql: string): TranslatedQuery => {
  const said = REPLACED.reduce((text, [pattern, by]) => text.replace(pattern, by), sql);
  const names: string[] = [];
  const text = said.replace(/@(\w+)/g, (_, name: string) => {
    const known = names.indexOf(name);
    if (known >= 0) return `$${String(known + 1)}`;
    names.push(name);
    return `$${String(names.length)}`;
  });
  return { text, names };
};
