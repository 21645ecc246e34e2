/** What would flatter is told with what corrects it: events already under alarm, and the bound of a promise of none. */
import { describeEvaluations, predictedText } from '../../src/commands/evaluate-text';
import { groupBars } from '../../src/commands/report/group-bars';
import { headline } from '../../src/commands/report/headline';
import { documentOf, groupTable, rowsOf, tableOf } from '../../src/bench/quality/table';
import type { QualityRow } from '../../src/bench/quality/run-set';
import { UNMEASURED } from '../../src/fit/evaluate/evaluate-cost';
import { evaluateTogether, type EvaluationInput } from '../../src/fit/evaluate/evaluation';
import { predictedRate } from '../../src/fit/evaluate/predicted-rate';
import { trackerManifest } from '../support/scored-windows';

const NONE_SEEN = { perDay: 0, low: 0, high: 29.14, nominalDays: 0.13 };
const manifest = { ...trackerManifest(), quality: { predictedFalseAlarms: NONE_SEEN } };
const [equipment = ''] = manifest.equipment;

/** One anomaly from 10 s to 60 s; of the two faults the second begins under it. */
const input: EvaluationInput = {
  manifest,
  mode: 'stream',
  judged: {
    ...{ windows: [], unscored: 0, unusable: new Map<string, number>() },
    anomalies: [
      {
        start: 10_000,
        lastHit: 60_000,
        detectedAt: 14_000,
        verdict: { equipment, fault: 'offset', confidence: 0.9, alternatives: [] },
      },
    ],
  },
  threshold: { value: 3, source: 'package', falsePositiveRate: null },
  labels: [
    { start: 10_000, end: 20_000, equipment, fault: 'offset' },
    { start: 50_000, end: 60_000, equipment, fault: 'offset' },
  ],
  times: Array.from({ length: 100 }, (_, index) => index * 1000),
  recoveryMs: 0,
  cost: UNMEASURED,
};
const figures = evaluateTogether([input]);
const row: QualityRow = {
  ...{ dataset: 'rig', row: 'taught', method: 'equipment', fitSeconds: 1, thresholdRule: "the package's own" },
  ...{ isBenign: false, refused: [], evaluation: figures, predictedFalseAlarmsPerDay: 0 },
};

test('an event that began under an alarm counts as found and is told apart, in total and by group', () => {
  expect(figures.events).toMatchObject({ found: 2, alreadyOpen: 1, recall: 1, medianDelaySeconds: 4 });
  expect(figures.events.byEquipment).toMatchObject([{ found: 2, alreadyOpen: 1, medianDelaySeconds: 4 }]);
});

test('the text says so', () => {
  const text = describeEvaluations([figures]).join('\n');
  expect(text).toMatch(/events found, missed; false anomalies +2 \(1 already under alarm\), 0; 0/);
  expect(text).toMatch(/median delay of those not yet under alarm +4 s/);
  expect(text).toContain('2 of 2 (1 already under alarm)');
});

test('the report says so', () => {
  expect(headline([figures]).markup).toContain('1 already under alarm');
  const { markup } = groupBars(figures, { equipment: (id) => id, fault: (id) => id });
  expect(markup).toContain('2 of 2 (1 already under alarm), 4');
});

test('the tables of a quality run say so', () => {
  expect(tableOf([row]).join('\n')).toContain('| 2 of 2 (1 already under alarm) |');
  expect(groupTable([row]).join('\n')).toContain('| 2 of 2 (1 already under alarm) |');
});

test.each([
  [{ perDay: 0, low: 0, high: 29.14 }, '0.00 (below 29.1)'],
  [{ perDay: 0.4, low: 0.1, high: 0.9 }, '0.40 (0.10 to 0.90)'],
  [{ perDay: 200, low: 12.34, high: 512.3 }, '200.00 (12.3 to 512.3)'],
  [null, '-'],
])('a promise of %p is told as "%s"', (rate, text) => {
  expect(predictedText(rate)).toBe(text);
});

test('a promise of no false alarm is never told without its bound', () => {
  expect(describeEvaluations([figures]).join('\n')).toMatch(
    /predicted by the fit, 95 % interval +0\.00 \(below 29\.1\)/,
  );
  expect(tableOf([row]).join('\n')).toContain('| 0.00 (below 29.1) |');
});

test('the document of a quality run has number and interval, and an older one without interval is still read', () => {
  const document = JSON.stringify(documentOf([row]));
  expect(JSON.parse(document)).toMatchObject({
    results: [{ predictedFalseAlarmsPerDay: 0, predictedFalseAlarms: { perDay: 0, low: 0, high: 29.14 } }],
  });
  expect(tableOf(rowsOf(document))).toEqual(tableOf([row]));
  const { predictedFalseAlarms: _, ...older } = figures;
  const { alreadyOpen: __, ...events } = older.events;
  const old = documentOf([{ ...row, evaluation: { ...older, events } as unknown as QualityRow['evaluation'] }]);
  const table = tableOf(rowsOf(JSON.stringify(old))).join('\n');
  expect(table).toContain('| 2 of 2 |');
  expect(table).toContain('| 0.00 |');
});

test('the promise of several packages is their mean, its ends too, and a peer promises nothing', () => {
  const other = { detector: 'pca', quality: { predictedFalseAlarms: { perDay: 1, low: 0.5, high: 3 } } };
  const one = { detector: 'pca', quality: { predictedFalseAlarms: { perDay: 0, low: 0, high: 29 } } };
  expect(predictedRate([one, other])).toEqual({ perDay: 0.5, low: 0.25, high: 16 });
  expect(
    predictedRate([
      { ...one, detector: 'peer' },
      { detector: 'pca', quality: {} },
    ]),
  ).toBeNull();
});

test('a pass that is under alarm for most of its nominal time is said to fit no model, with what to do', () => {
  const always = {
    ...input,
    judged: {
      ...input.judged,
      anomalies: input.judged.anomalies.map((anomaly) => ({ ...anomaly, start: 0, lastHit: 99_000 })),
    },
  };
  const last = describeEvaluations([evaluateTogether([always])]).slice(-2);
  expect(last[0]).toMatch(/^WARNING: 100\.0 % of the nominal time is under alarm, so .* does not fit this pass/);
  expect(last[1]).toContain('fdir fit --adapt');
  expect(describeEvaluations([figures]).join('\n')).not.toContain('WARNING');
});

test('delays of fast telemetry are told in milliseconds of a second', () => {
  const fast = { ...figures, events: { ...figures.events, medianDelaySeconds: 0.0123 } };
  expect(describeEvaluations([fast]).join('\n')).toMatch(/median delay of those not yet under alarm +0\.012 s/);
});
