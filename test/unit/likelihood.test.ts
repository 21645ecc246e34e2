/** How sure a verdict is, in words and a number. */
import { readFileSync } from 'node:fs';
import { calibrationText, likelihoodWord, tellConfidence } from '../../src/core/anomaly/likelihood';
import { readReliability } from '../../src/domain/reliability';
import { reliabilityOf } from '../../src/fit/reliability';
import {
  alarmStatus,
  ASTRO_LOOK,
  gravestStatus,
  SEVERITY_TABLE,
  severityOf,
  xtceSeverities,
} from '../../src/core/alarms/severity-status';
import { severities } from '../../src/domain/monitors';

const bins = [
  { from: 0, to: 0.8, n: 5, right: 2 },
  { from: 0.8, to: 0.9, n: 1227, right: 1031 },
  { from: 0.9, to: 1, n: 40, right: 39 },
];

test.each([
  [0.85, 'likely, 85 %: of 100 such verdicts 84 were right in calibration'],
  [0.95, 'very likely, 95 %: of 40 such verdicts 39 were right in calibration'],
  // Too few such verdicts say nothing.
  [0.5, 'about as likely as not, 50 %'],
  [1, 'virtually certain, 100 %: of 40 such verdicts 39 were right in calibration'],
  [0, 'very unlikely, 0 %'],
])('a confidence of %d is told as "%s"', (confidence, text) => {
  expect(tellConfidence(confidence, bins)).toBe(text);
});

test('the edge of two bins belongs to the lower one', () => {
  expect([calibrationText(0.9, bins), calibrationText(0.9001, bins)]).toEqual([
    'of 100 such verdicts 84 were right in calibration',
    'of 40 such verdicts 39 were right in calibration',
  ]);
});

test('without calibration the word and the number are told', () => {
  expect(tellConfidence(0.93)).toBe('very likely, 93 %');
});

test('a word never promises more than a greater number does', () => {
  const order = ['very unlikely', 'unlikely', 'about as likely as not', 'likely', 'very likely', 'virtually certain'];
  const words = Array.from({ length: 101 }, (_, index) => order.indexOf(likelihoodWord(index / 100)));
  expect(words).toEqual([...words].sort((a, b) => a - b));
  expect(new Set(words).size).toBe(order.length);
});

test('bins of a package are read; what is none is as if there were none', () => {
  expect(readReliability({ reliability: bins })).toEqual(bins);
  for (const reliability of [undefined, 'x', [{ from: 0 }], [{ from: 0, to: 2, n: 1, right: 1 }]])
    expect(readReliability({ reliability })).toEqual([]);
  expect(readReliability(undefined)).toEqual([]);
});

test('fitting counts the verdicts that were right by the confidence they stated', () => {
  const posteriors = [
    [0.9, 0.1],
    [0.92, 0.08],
    [0.4, 0.6],
  ];
  const made = reliabilityOf(posteriors, [0, 1, 1]);
  expect(made.map(({ n, right }) => [n, right])).toEqual([
    [1, 1],
    [2, 1],
  ]);
  expect(readReliability({ reliability: JSON.parse(JSON.stringify(made)) as unknown })).toEqual(made);
});

test('the five severities of XTCE and the four of PUS have one table, and each status a shape and a colour of its own', () => {
  expect(SEVERITY_TABLE.map(({ xtce, pus, status }) => [xtce, pus, status])).toEqual([
    ['WATCH', 'informative', 'standby'],
    ['WARNING', 'low', 'caution'],
    ['DISTRESS', 'medium', 'serious'],
    ['CRITICAL', 'high', 'critical'],
    ['SEVERE', 'high', 'critical'],
  ]);
  expect(SEVERITY_TABLE.map(({ xtce }) => xtce)).toEqual([...xtceSeverities]);
  expect(severities.map((severity) => severityOf(severity).xtce)).toEqual(['WATCH', 'WARNING', 'DISTRESS', 'CRITICAL']);
  expect(new Set(Object.values(ASTRO_LOOK).map(({ path }) => path)).size).toBe(6);
  // The page takes its colours from the style sheet: the dark theme has those of the table.
  const tokens = readFileSync('src/console/page/styles/tokens.css', 'utf8');
  const dark = tokens.slice(0, tokens.indexOf("data-theme='light'"));
  for (const [status, { colour }] of Object.entries(ASTRO_LOOK)) expect(dark).toContain(`--${status}: ${colour};`);
});

test('red is for what must be done now: a grave alarm that nobody has taken, and no other', () => {
  const shelved = { by: 'ann', reason: 'known', until: '2026-03-01T00:00:00Z', time: '2026-03-01T00:00:00Z' };
  const seen = severities.flatMap((severity) =>
    (['pending', 'triggered', 'acknowledged', 'returned', 'cleared'] as const).map((state) => [
      `${severity} ${state}`,
      alarmStatus({ severity, state, shelved: null }),
    ]),
  );
  expect(seen.filter(([, status]) => status === 'critical')).toEqual([['high triggered', 'critical']]);
  expect(Object.fromEntries(seen)).toMatchObject({
    'high acknowledged': 'serious',
    'medium returned': 'serious',
    'low triggered': 'caution',
    'high pending': 'standby',
    'high cleared': 'off',
  });
  expect(alarmStatus({ severity: 'high', state: 'triggered', shelved })).toBe('off');
  expect([gravestStatus([]), gravestStatus(['off', 'serious', 'normal'])]).toEqual(['normal', 'serious']);
});
