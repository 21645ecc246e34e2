/**
 * SKAB (github.com/waico/SKAB), point-wise: a model of the first 400 rows of each file, fitted as a new user would, judges the rest. The
 * window and what short recordings get were compared on these files: the figures are no held-out ones (models/README.md).
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PointMetrics } from '../../core/metrics/points';
import { draftMission, heading, linesOf, percent, row, writeOwnLabels, type Quality } from './quality-support';

const NOMINAL_ROWS = 400;
const WINDOW = 32;
/** Cases do not move the score, which is all that is judged here. */
const CASES = '140';

type Counts = Pick<PointMetrics, 'n' | 'anomalous' | 'truePositives' | 'falsePositives' | 'falseNegatives'>;

const cells = (all: readonly Counts[]): string[] => {
  const sum = (name: keyof Counts): number => all.reduce((total, counts) => total + counts[name], 0);
  const [hits, wrong, missed] = [sum('truePositives'), sum('falsePositives'), sum('falseNegatives')];
  return [
    ((2 * hits) / (2 * hits + wrong + missed)).toFixed(3),
    percent(wrong / (sum('n') - sum('anomalous'))),
    percent(missed / sum('anomalous')),
  ];
};

export const qualitySkab = (quality: Quality): void => {
  const data = quality.recordings('skab');
  const files = readdirSync(data)
    .filter((name) => /^(valve|other).*\.csv$/.test(name))
    .map((name) => name.replace('.csv', ''))
    .sort();
  const judged = files.map((name) => {
    const [header = '', ...rows] = linesOf(join(data, `${name}.csv`));
    const [fit, rest, labels, mission] = ['fit.csv', 'rest.csv', 'labels.csv', 'mission.yaml'].map((file) =>
      quality.at(`${name}-${file}`),
    ) as [string, string, string, string];
    writeFileSync(fit, `${[header, ...rows.slice(0, NOMINAL_ROWS)].join('\n')}\n`);
    writeFileSync(rest, `${[header, ...rows.slice(NOMINAL_ROWS)].join('\n')}\n`);
    writeOwnLabels(join(data, 'labels.csv'), name, labels);
    draftMission(quality, fit, mission, WINDOW);
    const model = quality.at(`${name}-model`);
    quality.fdir('fit', '--mission', mission, '--nominal', fit, '--out', model, '--cases', CASES);
    const { points, windows } = quality.evaluate(mission, model, rest, '--labels', labels);
    if (points === null) throw new Error('a stream has sampling instants');
    return { name, points, auc: windows.auc };
  });
  heading(
    `SKAB, ${String(files.length)} files, ${String(WINDOW)} frames a window`,
    'file',
    'F1',
    'false alarms',
    'missed',
    'AUC of windows',
  );
  for (const { name, points, auc } of judged) row(name, ...cells([points]), (auc ?? NaN).toFixed(3));
  row('**all**', ...cells(judged.map(({ points }) => points)), '');
};
