/** Cross-validation over the stretches of a labelled recording: what lies between two holes is never split. */
import { parseTimeText } from '../../core/telemetry/packet-time';
import { linesOf, writeLines, type QualityWorkshop } from './workshop';

export interface Fold {
  readonly name: string;
  readonly taught: { readonly pass: string; readonly labels: string };
  readonly judged: { readonly pass: string; readonly labels: string };
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly rows: readonly string[];
  readonly labels: readonly string[];
}

const FOLDS = 5;

const timeOf = (row: string): number => parseTimeText(row.slice(0, row.indexOf(','))) ?? NaN;

/** @param holeMs a longer step in time ends a stretch. */
const stretchesOf = (rows: readonly string[], labels: readonly string[], holeMs: number): readonly Stretch[] => {
  const cuts: string[][] = [];
  let before = -Infinity;
  for (const row of rows) {
    const time = timeOf(row);
    const last = cuts.at(-1);
    if (last === undefined || time - before > holeMs) cuts.push([row]);
    else last.push(row);
    before = time;
  }
  return cuts.map((own) => {
    const [start, end] = [timeOf(own[0] ?? ''), timeOf(own.at(-1) ?? '')];
    return { start, end, rows: own, labels: labels.filter((row) => timeOf(row) >= start && timeOf(row) <= end) };
  });
};

/** Fault of the first label: stretches of one fault are dealt out in turn, so that every fold is taught every fault it can be. */
const kindOf = ({ labels }: Stretch): string => labels[0]?.split(',').slice(2).join(',') ?? '';

const deal = (stretches: readonly Stretch[]): readonly number[] => {
  const order = stretches
    .map((stretch, index) => ({ index, kind: kindOf(stretch) }))
    .sort((a, b) => a.kind.localeCompare(b.kind, 'en') || a.index - b.index);
  const folds = new Array<number>(stretches.length).fill(0);
  order.forEach(({ index }, rank) => {
    folds[index] = rank % FOLDS;
  });
  return folds;
};

/** Writes the files of five folds into the workshop. @param periodMs of the recording: a hole is longer than three of it. */
export const foldsOf = (
  workshop: QualityWorkshop,
  { pass, labels }: { readonly pass: string; readonly labels: string },
  name: string,
  periodMs: number,
): readonly Fold[] => {
  const [header = '', ...rows] = linesOf(pass);
  const [labelHeader = '', ...labelRows] = linesOf(labels);
  const stretches = stretchesOf(rows, labelRows, 3 * periodMs);
  const dealt = deal(stretches);
  const write = (file: string, own: readonly Stretch[]): Fold['judged'] => ({
    pass: writeLines(workshop.at(`${file}.csv`), [header, ...own.flatMap((stretch) => stretch.rows)]),
    labels: writeLines(workshop.at(`${file}.labels.csv`), [labelHeader, ...own.flatMap((stretch) => stretch.labels)]),
  });
  return Array.from({ length: FOLDS }, (_, fold) => ({
    name: `fold ${String(fold + 1)} of ${String(FOLDS)}`,
    taught: write(
      `${name}-taught-${String(fold)}`,
      stretches.filter((_, index) => dealt[index] !== fold),
    ),
    judged: write(
      `${name}-judged-${String(fold)}`,
      stretches.filter((_, index) => dealt[index] === fold),
    ),
  }));
};
