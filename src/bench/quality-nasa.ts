/** NASA's SMAP and MSL channels (Hundman et al., KDD 2018): a model of each training part, events of the test part. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { heading, percent, row, writeOwnLabels, type Quality } from './quality-support';

const CASES = '140';

export const qualityNasa = (quality: Quality): void => {
  const data = quality.recordings('nasa-smap-msl');
  const channels = readdirSync(data)
    .flatMap((name) => /^(.+)\.train\.csv$/.exec(name)?.[1] ?? [])
    .sort();
  heading(
    `SMAP and MSL, ${String(channels.length)} channels, one a package; labelled events`,
    'channel',
    'events',
    'found',
    'false',
    'precision',
    'recall',
    'AUC of windows',
  );
  const total = { found: 0, missed: 0, wrong: 0 };
  for (const channel of channels) {
    const [mission, labels, model] = [`${channel}.yaml`, `${channel}.labels.csv`, `${channel}-model`].map((name) =>
      quality.at(name),
    ) as [string, string, string];
    const train = join(data, `${channel}.train.csv`);
    quality.fdir('init', train, '--spacecraft', 'NASA', '--out', mission, '--force');
    writeOwnLabels(join(data, 'labels.csv'), channel, labels);
    const fitted = quality.tryFdir('fit', '--mission', mission, '--nominal', train, '--out', model, '--cases', CASES);
    if (fitted === undefined) {
      row(channel, '-', 'refused', '', '', '', '');
      continue;
    }
    const { events, windows } = quality.evaluate(mission, model, join(data, `${channel}.test.csv`), '--labels', labels);
    const [found, missed, wrong] = [events.found ?? 0, events.missed ?? 0, events.false ?? 0];
    total.found += found;
    total.missed += missed;
    total.wrong += wrong;
    row(
      channel,
      String(found + missed),
      String(found),
      String(wrong),
      percent(found / (found + wrong)),
      percent(found / (found + missed)),
      (windows.auc ?? NaN).toFixed(3),
    );
  }
  const { found, missed, wrong } = total;
  row(
    '**all**',
    String(found + missed),
    String(found),
    String(wrong),
    percent(found / (found + wrong)),
    percent(found / (found + missed)),
    '',
  );
};
