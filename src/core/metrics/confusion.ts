/** Who is taken for whom: confusion matrices normalised by true class, and their balanced accuracy. */

export interface LabelledCase {
  readonly truth: string;
  readonly verdict: string;
}

export interface Confusion {
  /** Mean of the diagonal; null when there is nothing to judge. */
  readonly balancedAccuracy: number | null;
  /** The true classes that occur. */
  readonly classes: readonly string[];
  /** [truth, verdict], shares of the true class. A row sums to 1 together with `other` and `unknown`. */
  readonly confusion: readonly (readonly number[])[];
  /** Share of each true class whose verdict is a class that never is the truth here. */
  readonly other: readonly number[];
  /** Share of each true class whose verdict is `unknown`. */
  readonly unknown: readonly number[];
  /** Cases of each true class. */
  readonly counts: readonly number[];
}

/** @param order classes in the order to list them; those that are never the truth are left out. */
export const confusionOf = (cases: readonly LabelledCase[], order: readonly string[], unknown: string): Confusion => {
  const classes = order.filter((name) => name !== unknown && cases.some(({ truth }) => truth === name));
  const rows = classes.map((name) => {
    const own = cases.filter(({ truth }) => truth === name);
    const share = (test: (verdict: string) => boolean): number =>
      own.filter(({ verdict }) => test(verdict)).length / own.length;
    return {
      count: own.length,
      row: classes.map((column) => share((verdict) => verdict === column)),
      other: share((verdict) => verdict !== unknown && !classes.includes(verdict)),
      unknown: share((verdict) => verdict === unknown),
    };
  });
  const diagonal = rows.map(({ row }, index) => row[index] ?? 0);
  return {
    balancedAccuracy: rows.length === 0 ? null : diagonal.reduce((a, b) => a + b, 0) / rows.length,
    classes,
    confusion: rows.map(({ row }) => row),
    other: rows.map(({ other }) => other),
    unknown: rows.map((row) => row.unknown),
    counts: rows.map(({ count }) => count),
  };
};
