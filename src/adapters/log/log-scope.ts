/**
 * Names in the log of a fleet. Rules, alarms and equipments have the same names on every spacecraft of a kind. So the columns that rows
 * are found by hold `SAT-001/` before the name. The records themselves are those of a log of one spacecraft.
 *
 * One file holds all. A file for each spacecraft would take 680 KiB of memory and a synchronised commit of some 4 ms each.
 */

/** `SAT-001/`; empty in the log of one spacecraft. */
export type LogScope = string;

export const scopeOf = (spacecraft: string): LogScope => `${spacecraft}/`;

export const qualify = (scope: LogScope, name: string): string => (scope === '' ? name : `${scope}${name}`);

/** Ids of recoveries and requests: a slash has no place in a topic. */
export const requestScope = (scope: LogScope): LogScope => scope.replace('/', '.');

/** The names that begin with `scope`, as a range that an index can find: its last character, and the one behind it. */
export const within = (column: string, scope: LogScope): string => {
  if (scope === '') return '1 = 1';
  const last = scope.charCodeAt(scope.length - 1);
  const beyond = scope.slice(0, -1) + String.fromCharCode(last + 1);
  return `(${column} >= '${scope}' AND ${column} < '${beyond}')`;
};
