/** The figures of a model package as tables: what is known by name, and the rest group by group. */

import { readReliability, type ReliabilityBin } from '../../domain/reliability';

type Tree = Readonly<Record<string, unknown>>;
export type FigureGroup = readonly (readonly [name: string, value: number])[];

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const numbersOf = (value: unknown): FigureGroup =>
  isTree(value)
    ? Object.entries(value).flatMap(([name, item]) => (typeof item === 'number' ? [[name, item] as const] : []))
    : [];

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

export interface ClassRow {
  readonly name: string;
  /** Cases that were found when the package was made; null when it does not say. */
  readonly cases: number | null;
  /** Share of windows with this fault that reach the threshold. */
  readonly sensitivity: number | null;
}
export interface HeadRow {
  readonly name: string;
  readonly cases: number;
  readonly accuracy: number | null;
  /** Mean distance between confidence and share of right verdicts, before and after calibration. */
  readonly errorBefore: number | null;
  readonly errorAfter: number | null;
  readonly unknownRate: number | null;
}
export interface FalseAlarms {
  readonly seen: number;
  readonly openings: number | null;
  readonly days: number | null;
  /** 95 % range of what the budget will be worth. */
  readonly range: readonly [low: number, high: number] | null;
}
export interface QualityTables {
  /** What the package cannot promise, a sentence each. */
  readonly warnings: readonly string[];
  readonly classes: readonly ClassRow[];
  readonly heads: readonly HeadRow[];
  readonly falseAlarms: FalseAlarms | null;
  /** How often verdicts were right, by the confidence they stated; empty of packages that do not say. */
  readonly reliability: readonly ReliabilityBin[];
  /** Groups of figures that have no table of their own. */
  readonly others: readonly { readonly name: string; readonly rows: FigureGroup }[];
}

const classRows = (quality: Tree): readonly ClassRow[] => {
  const sensitivity = new Map(numbersOf(quality['sensitivity']));
  const cases = new Map(numbersOf(quality['casesByClass']));
  return [...new Set([...sensitivity.keys(), ...cases.keys()])].map((name) => ({
    name,
    cases: cases.get(name) ?? null,
    sensitivity: sensitivity.get(name) ?? null,
  }));
};

const headRow = (name: string, value: unknown): HeadRow | undefined => {
  const figures = new Map(numbersOf(value));
  const cases = figures.get('heldCases');
  if (cases === undefined) return undefined;
  const at = (key: string): number | null => figures.get(key) ?? null;
  return {
    name,
    cases,
    accuracy: at('heldAccuracy'),
    errorBefore: at('calibrationErrorBefore'),
    errorAfter: at('calibrationErrorAfter'),
    unknownRate: at('unknownRate'),
  };
};

const falseAlarmsOf = (quality: Tree): FalseAlarms | null => {
  const realised = new Map(numbersOf(quality['realisedFalseAlarms']));
  const predicted = new Map(numbersOf(quality['predictedFalseAlarms']));
  const seen = realised.get('perDay');
  if (seen === undefined) return null;
  const [low, high] = [predicted.get('low'), predicted.get('high')];
  return {
    seen,
    openings: realised.get('openings') ?? null,
    days: realised.get('days') ?? null,
    range: low === undefined || high === undefined ? null : [low, high],
  };
};

const NAMED = ['sensitivity', 'casesByClass', 'realisedFalseAlarms', 'predictedFalseAlarms'];

/** Groups of numbers at any depth, by their path. */
const groupsIn = (tree: Tree, path: readonly string[]): QualityTables['others'] => {
  const rows = numbersOf(tree);
  const deeper = Object.entries(tree).flatMap(([name, value]) =>
    isTree(value) ? groupsIn(value, [...path, name]) : [],
  );
  return [...(rows.length > 0 ? [{ name: path.join(', '), rows }] : []), ...deeper];
};

export const qualityTables = (quality: Tree): QualityTables => {
  const heads = Object.entries(quality).flatMap(([name, value]) => headRow(name, value) ?? []);
  const isShown = (name: string): boolean => NAMED.includes(name) || heads.some((head) => head.name === name);
  const rest = Object.fromEntries(Object.entries(quality).filter(([name]) => !isShown(name)));
  // What a head says besides, such as the weights of experts.
  const within = heads.flatMap(({ name }) => {
    const value = quality[name];
    return isTree(value)
      ? Object.entries(value).flatMap(([inner, item]) => (isTree(item) ? groupsIn(item, [name, inner]) : []))
      : [];
  });
  return {
    warnings: textsOf(quality['warnings']),
    classes: classRows(quality),
    heads,
    falseAlarms: falseAlarmsOf(quality),
    reliability: readReliability(quality),
    others: [...groupsIn(rest, []), ...within],
  };
};
