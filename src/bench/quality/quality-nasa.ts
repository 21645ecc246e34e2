/**
 * NASA's SMAP and MSL channels (Hundman et al., KDD 2018): a model of each training part, events of the test part. The clock of these recordings
 * is invented (one sample a minute), so that a budget a day means little: two of them are shown.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { heading, percent, row, writeOwnLabels, type Quality } from './quality-support';

const CASES = '140';
const BUDGETS = ['0.5', '10'];

interface Counts {
  readonly found: number;
  readonly missed: number;
  readonly wrong: number;
  readonly auc: number | null;
}

/** Undefined when the fit is refused. */
const judge = (quality: Quality, data: string, channel: string, budget: string): Counts | undefined => {
  const [mission, labels, model] = [`${channel}.yaml`, `${channel}.labels.csv`, `${channel}-model`].map((name) =>
    quality.at(name),
  ) as [string, string, string];
  const train = join(data, `${channel}.train.csv`);
  quality.fdir('init', train, '--spacecraft', 'NASA', '--out', mission, '--force');
  writeOwnLabels(join(data, 'labels.csv'), channel, labels);
  const FIT = ['fit', '--mission', mission, '--nominal', train, '--out', model, '--cases', CASES];
  if (quality.tryFdir(...FIT, '--false-alarms-per-day', budget) === undefined) return undefined;
  const { events, windows } = quality.evaluate(mission, model, join(data, `${channel}.test.csv`), '--labels', labels);
  return { found: events.found ?? 0, missed: events.missed ?? 0, wrong: events.false ?? 0, auc: windows.auc };
};

const cells = ({ found, missed, wrong }: Counts): string[] => [
  `${String(found)} of ${String(found + missed)}`,
  String(wrong),
  percent(found / (found + wrong)),
  percent(found / (found + missed)),
];

export const qualityNasa = (quality: Quality): void => {
  const data = quality.recordings('nasa-smap-msl');
  const channels = readdirSync(data)
    .flatMap((name) => /^(.+)\.train\.csv$/.exec(name)?.[1] ?? [])
    .sort();
  heading(
    `SMAP and MSL, ${String(channels.length)} channels, one a package; labelled events`,
    'channel',
    'budget a day',
    'found',
    'false',
    'precision',
    'recall',
    'AUC of windows',
  );
  for (const budget of BUDGETS) {
    const all: Counts[] = [];
    for (const channel of channels) {
      const counts = judge(quality, data, channel, budget);
      if (counts === undefined) row(channel, budget, 'refused', '', '', '', '');
      else {
        all.push(counts);
        row(channel, budget, ...cells(counts), (counts.auc ?? NaN).toFixed(3));
      }
    }
    const sum = (name: 'found' | 'missed' | 'wrong'): number => all.reduce((total, counts) => total + counts[name], 0);
    row(
      '**all**',
      budget,
      ...cells({ found: sum('found'), missed: sum('missed'), wrong: sum('wrong'), auc: null }),
      '',
    );
  }
};
