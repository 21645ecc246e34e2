/**
 * Names in the log of a fleet. Rules, alarms and equipments have the same names on every spacecraft of a kind, so the columns that rows
 * are found by hold `SAT-001/` before the name. The records themselves are those of a log of one spacecraft.
 *
 * One file for all: an open file of its own for each spacecraft takes 680 KiB of memory, and a synchronised commit each (some 4 ms).
 */

/** `SAT-001/`; empty in the log of one spacecraft. */
export type Scope = string;

export const scopeOf = (spacecraft: string): Scope => `${spacecraft}/`;

export const qualify = (scope: Scope, name: string): string => (scope === '' ? name : `${scope}${name}`);

/** Ids of recoveries and requests: a slash has no place in a topic. */
export const requestScope = (scope: Scope): Scope => scope.replace('/', '.');

/** The names that begin with `scope`, as a range that an index can find: its last character, and the one behind it. */
export const within = (column: string, scope: Scope): string => {
  if (scope === '') return '1 = 1';
  const last = scope.charCodeAt(scope.length - 1);
  const beyond = scope.slice(0, -1) + String.fromCharCode(last + 1);
  return `(${column} >= '${scope}' AND ${column} < '${beyond}')`;
};
