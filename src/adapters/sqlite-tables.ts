/** The part of a database that those who know SQL use; the SQLite package itself is known to one file. */
export interface Tables {
  prepare(sql: string): {
    run(parameters: Readonly<Record<string, string | number | null | Uint8Array>>): unknown;
    all(parameters: Readonly<Record<string, string | number | null | Uint8Array>>): unknown[];
    get(parameters: Readonly<Record<string, string | number | null | Uint8Array>>): unknown;
  };
}
