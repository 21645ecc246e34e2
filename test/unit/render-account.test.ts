import { join } from 'node:path';
import { renderAccount } from '../../src/commands/render/account';
import { bar, shade } from '../../src/commands/render/bars';
import { renderConceptogram } from '../../src/commands/render/conceptogram';
import { coloured, lookOf, plain, type Look } from '../../src/commands/render/look';
import { duration, firstSentence, wrap } from '../../src/commands/render/text';
import { loadMission } from '../../src/config/load-mission';
import type { RecoveryRequest } from '../../src/domain/events';
import type { Explanation } from '../../src/domain/explanation';
import { openAnomaly } from '../support/open-anomaly';

const mission = loadMission(join(__dirname, '../../rules/mission.yaml'));
const narrow: Look = { width: 80, paint: plain };

const anomaly: Explanation = {
  ...openAnomaly({ state: 'closed' }),
  end: '2026-03-01T04:40:08Z',
  detectedAt: '2026-03-01T04:12:52Z',
  sentence:
    'Reaction wheel 2: motor current sits 17.53 sigma below what the other fifteen parameters imply (friction rise, 93 %).',
  verdict: {
    equipment: 'rw2',
    fault: 'friction-rise',
    confidence: 0.93,
    alternatives: [
      { equipment: 'rw2', fault: 'offset', confidence: 0.05 },
      { equipment: 'rw1', fault: 'step', confidence: 0.02 },
    ],
  },
  conceptogram: [
    {
      tap: 'encoder.linear',
      task: 'fault',
      classes: ['nominal', 'offset', 'friction-rise', 'unknown'],
      posterior: [0.004, 0.2, 0.796, 0],
    },
    {
      tap: 'residual',
      task: 'fault',
      classes: ['nominal', 'offset', 'friction-rise', 'unknown'],
      posterior: [0, 0.02, 0.98, 0],
    },
  ],
  attribution: [
    {
      parameter: 'rw2_current_a',
      share: 0.61,
      peakAt: '2026-03-01T04:20:00Z',
      deviation: -17.53,
      direction: 'low',
      measured: -0.285,
      expected: -0.1706,
    },
    {
      parameter: 'rw2_bearing_temp_c',
      share: 0.3,
      peakAt: '2026-03-01T04:20:00Z',
      deviation: 3.14,
      direction: 'high',
      measured: 31.2,
      expected: 24,
    },
  ],
  sufficient: ['rw2_current_a'],
};

const action: RecoveryRequest = {
  schemaVersion: 1,
  id: 'a/b',
  rule: 'friction-limit-and-unload',
  level: 2,
  spacecraft: 'AURORA-1',
  time: '2026-03-01T04:14:08Z',
  command: 'LIMIT_WHEEL_SPEED',
  arguments: { wheel: 'rw2', limit_rpm: 3000 },
  expiry: '2026-03-01T04:19:08Z',
  explanationId: anomaly.id,
  explanationRevision: 3,
  disposition: 'request',
  trace: [],
  because: 'Bearing losses heat the bearing further. A lower limit stops that.',
};

test('an account tells what, how sure, why, what each tap saw, and what was requested, within 80 columns', () => {
  expect(
    renderAccount({ mission, explanation: anomaly, actions: [action], look: narrow, options: { detail: 'brief' } }),
  ).toEqual([
    'Reaction wheel 2: friction rise',
    '  when        04:12:08 to 04:40:08 (28 min), detected at 04:12:52',
    '  what        Reaction wheel 2: motor current sits 17.53 sigma below what the',
    '              other fifteen parameters imply (friction rise, 93 %).',
    '  how sure    ██████████████████▋  very likely, 93 %',
    '              else offset 5 %, rw1 step 2 %',
    '  why         rw2 motor current        ████████▌        61 %     -18 σ',
    '              rw2 bearing temperature  ████▎            30 %    +3.1 σ',
    '              with rw2 motor current as expected, nothing would have been wrong',
    '              worst window: score 41.2, threshold 9.7',
    '  peepholes   fault at tap     …oder.linear  residual',
    '              friction rise    ▓▓▓▓▓▓  80 %  ██████  98 %',
    '              offset           ░░░░░░  20 %  ······   2 %',
    '              2 other classes         ≤ 1 %',
    '  action      LIMIT_WHEEL_SPEED wheel=rw2 limit_rpm=3000',
    '              requested at 04:14:08 by rule friction-limit-and-unload (level 2)',
    '              Bearing losses heat the bearing further.',
  ]);
});

test('an account on 120 columns has room for measured and expected values, and the full reason', () => {
  const lines = renderAccount({
    mission,
    explanation: anomaly,
    actions: [action],
    look: { width: 120, paint: plain },
    options: { detail: 'full' },
  });
  expect(lines).toContainEqual(expect.stringMatching(/-18 σ {2}-0\.285, expected -0\.1706 A$/));
  expect(lines.at(-1)).toBe('              Bearing losses heat the bearing further. A lower limit stops that.');
});

test('an open anomaly of no known fault, without evidence or action, is told as such', () => {
  const unknown = openAnomaly({ equipment: 'unknown', fault: 'unknown', confidence: 0.4 });
  expect(
    renderAccount({ mission, explanation: unknown, actions: [], look: narrow, options: { detail: 'brief' } }),
  ).toEqual([
    'AURORA-1: no known fault',
    '  when        since 04:12:08, still open, detected at 04:12:08',
    '  what        Something is wrong.',
    '  how sure    ████████             about as likely as not, 40 %',
    '  why         no small set of parameters: too many differ, or it lies before',
    '              worst window: score 41.2, threshold 9.7',
    '  action      none: no rule asked for one',
  ]);
});

test('telecommands around the start are told with their place, the newest eight of them', () => {
  const commands = Array.from({ length: 9 }, (_, index) => ({
    time: `2026-03-01T04:1${String(index)}:08Z`,
    name: 'SET_GAIN',
    arguments: { gain: index },
  }));
  const lines = renderAccount({
    mission,
    explanation: { ...anomaly, commands },
    actions: [],
    look: narrow,
    options: { detail: 'brief' },
  });
  const from = lines.findIndex((line) => line.startsWith('  commands'));
  expect(lines.slice(from, from + 3)).toEqual([
    '  commands    1 earlier',
    '              04:11:08 SET_GAIN gain=1, 60 s before the start',
    '              04:12:08 SET_GAIN gain=2, at the start',
  ]);
});

test('a request of a rule on trial is not told as sent', () => {
  const lines = renderAccount({
    mission,
    explanation: anomaly,
    actions: [{ ...action, disposition: 'passive' }],
    look: narrow,
    options: { detail: 'brief' },
  });
  expect(lines.join('\n')).toContain('recorded, not sent, at 04:14:08');
});

test('taps that do not fit beside each other go below, none is left out', () => {
  const taps = Array.from({ length: 9 }, (_, index) => ({
    tap: `layer${String(index)}`,
    task: 'fault',
    classes: ['offset'],
    posterior: [0.5],
  }));
  const lines = renderConceptogram(mission, taps, narrow);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  for (const { tap } of taps) expect(lines.filter((line) => line.includes(tap))).toHaveLength(1);
});

test('colour marks meaning and changes no text', () => {
  const colourful = renderAccount({
    mission,
    explanation: anomaly,
    actions: [action],
    look: { width: 80, paint: coloured },
    options: { detail: 'brief' },
  });
  const bare = colourful.map((line) => line.replace(/\u001b\[\d+m/g, ''));
  expect(colourful.join('')).toContain('\u001b[');
  expect(bare.map((line) => line.trimEnd())).toEqual(
    renderAccount({ mission, explanation: anomaly, actions: [action], look: narrow, options: { detail: 'brief' } }).map(
      (line) => line.trimEnd(),
    ),
  );
});

test.each([
  ['a terminal', { isTTY: true, columns: 100 }, {}, { width: 100, paint: coloured }],
  ['a wide terminal', { isTTY: true, columns: 300 }, {}, { width: 120, paint: coloured }],
  ['a narrow terminal', { isTTY: true, columns: 40 }, {}, { width: 80, paint: coloured }],
  ['NO_COLOR', { isTTY: true, columns: 80 }, { NO_COLOR: '1' }, { width: 80, paint: plain }],
  ['an empty NO_COLOR', { isTTY: true, columns: 80 }, { NO_COLOR: '' }, { width: 80, paint: coloured }],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, { width: 80, paint: plain }],
  ['a file', {}, {}, { width: 80, paint: plain }],
])('the look of %s', (_what, screen, environment, look) => {
  expect(lookOf(screen, environment)).toEqual(look);
});

test('bars are true to an eighth of a column, and nothing above zero is invisible', () => {
  expect([0, 0.0001, 0.5, 0.55, 1, 7].map((share) => bar(share, 4))).toEqual(['', '▏', '██', '██▎', '████', '████']);
});

test('shades darken with the probability', () => {
  expect([0, 0.05, 0.2, 0.5, 0.8, 1].map(shade)).toEqual([' ', '·', '░', '▒', '▓', '█']);
});

test('text is broken between words, and never between a number and its percent sign', () => {
  expect(wrap('since noon (drift, 93 %).', 22)).toEqual(['since noon (drift,', '93 %).']);
  expect(wrap('  ', 10)).toEqual([]);
  expect(wrap('incomprehensibilities are', 5)).toEqual(['incomprehensibilities', 'are']);
});

test.each([
  [0, '0 s'],
  [44_000, '44 s'],
  [60_000, '1 min'],
  [84_000, '1 min 24 s'],
  [3_900_000, '1 h 5 min'],
])('%i ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('the first sentence ends at its full stop, not at a decimal point', () => {
  expect(firstSentence('It rose by 0.5 A. Then it fell.')).toBe('It rose by 0.5 A.');
  expect(firstSentence('No stop at all')).toBe('No stop at all');
});
