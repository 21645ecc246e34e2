import { copyFileSync, readFileSync } from 'node:fs';
import { runCli } from '../support/cli';
import { offsetOnWheel1, tinyPass } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';
import { writeTinyPackage } from '../support/tiny-model';
import { tinyMission } from '../support/tiny-mission';

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  await writeTinyPackage(work.path('strict'), tinyMission(), { threshold: 90 });
  work.write('pass.csv', tinyPass(60, offsetOnWheel1));
  work.write('nominal.csv', tinyPass(80));
  work.write('labels.csv', ['start,end,equipment,fault', '2026-03-01T00:00:20Z,2026-03-01T00:00:39Z,rw1,offset']);
});
afterAll(() => {
  work.remove();
});

const evaluate = (...args: string[]) =>
  runCli(['evaluate', '--mission', work.path('mission.yaml'), '--model', work.path('model'), ...args]);
const labelled = (...args: string[]) =>
  evaluate('--pass', work.path('pass.csv'), '--labels', work.path('labels.csv'), ...args);

interface Printed {
  readonly [block: string]: unknown;
  readonly windows: Readonly<Record<string, unknown>>;
  readonly events: Readonly<Record<string, unknown>>;
  readonly cost: Readonly<Record<string, number | null>>;
}
const documentOf = (stdout: string): Printed => JSON.parse(stdout) as Printed;

test('--commands: an effect that the mission declares is expected, and is no detection', async () => {
  const effects = 'effects: [{ command: SELECT_GAIN, parameters: [rw1_current], within: 1h }]';
  work.write('expected.yaml', `${readFileSync(work.path('mission.yaml'), 'utf8')}\n${effects}\n`);
  work.write('sent.ndjson', '{ "time": "2026-03-01T00:00:15Z", "name": "SELECT_GAIN" }\n');
  const found = async (...args: string[]): Promise<unknown> => {
    const given = ['--mission', work.path('expected.yaml'), '--model', work.path('model'), '--json', ...args];
    const { stdout } = await runCli([
      'evaluate',
      '--pass',
      work.path('pass.csv'),
      '--labels',
      work.path('labels.csv'),
      ...given,
    ]);
    return documentOf(stdout).events['found'];
  };
  expect([await found(), await found('--commands', work.path('sent.ndjson'))]).toEqual([1, 0]);
});

test('the figures of a pass that was counted by hand', async () => {
  const { status, stdout } = await labelled('--recovery', '0s', '--json');
  expect(status).toBe(0);
  // Windows end at frames 4, 6 .. 58: 28. Twelve of them overlap the label, eight lie inside it.
  // The anomaly covers 19 to 42 s: 4 of 40 nominal instants are flagged, precision is 0.9, F0.5 = 1.25 x 0.9 / 1.225.
  expect(documentOf(stdout)).toMatchObject({
    model: { id: 'tiny', method: 'equipment' },
    threshold: { value: 9, source: 'package', falsePositiveRate: null },
    windows: {
      mode: 'stream',
      n: 28,
      anomalous: 12,
      partial: 4,
      unscored: 0,
      falsePositiveRate: 0,
      detectionRate: 1,
      auc: 1,
      byFault: [{ fault: 'offset', windows: 8, detectionRate: 1 }],
    },
    isolation: { balancedAccuracy: 1, classes: ['rw1'], confusion: [[1]], counts: [8] },
    identification: {
      balancedAccuracy: 1,
      classes: ['offset'],
      confusion: [[1]],
      unknownRate: 0,
      forcedBalancedAccuracy: 1,
      novel: { n: 0, unknownRate: null },
    },
    calibration: { n: 8, ece: expect.closeTo(0.02, 2) as number },
    events: {
      precision: 0.9,
      recall: 1,
      f05: 0.918367,
      found: 1,
      alreadyOpen: 0,
      missed: 0,
      false: 0,
      alarmsPerDay: 1440,
      medianDelaySeconds: 2,
      rightEquipment: 1,
      rightFault: 1,
    },
    cost: { detectorOnlyWindowsPerSecond: null, explanationOverhead: null },
    labels: { n: 1, outside: 0 },
  });
});

test('the release edge of a fault belongs to it: four windows long, unless told otherwise', async () => {
  // Sixteen frames after the label are no nominal time: of the other 24, the one before the label is flagged.
  expect(documentOf((await labelled('--json')).stdout)).toMatchObject({
    events: { precision: 0.958333, nominalTimeUnderAlarm: 0.041667, false: 0, recoverySeconds: 16 },
  });
  const { status, stderr } = await labelled('--recovery', 'soon');
  expect({ status, says: stderr.includes('--recovery "soon" is not a duration') }).toEqual({ status: 2, says: true });
});

test('independent windows: every block is a case, and events have no meaning', async () => {
  const { stdout } = await labelled('--windows', 'independent', '--json');
  const { windows, events } = documentOf(stdout);
  expect(windows).toMatchObject({
    mode: 'independent',
    n: 15,
    anomalous: 5,
    partial: 0,
    detectionRate: 1,
    falsePositiveRate: 0,
  });
  expect(new Set(Object.values(events))).toEqual(new Set([null]));
});

test('independent blocks that are labelled in part are left out and counted', async () => {
  const labels = work.write('odd.csv', [
    'start,end,equipment,fault',
    '2026-03-01T00:00:22Z,2026-03-01T00:00:39Z,rw1,offset',
  ]);
  const { stdout } = await evaluate(
    '--pass',
    work.path('pass.csv'),
    '--labels',
    labels,
    '--windows',
    'independent',
    '--json',
  );
  expect(documentOf(stdout).windows).toMatchObject({ n: 14, anomalous: 4, partial: 1 });
});

test('a pass without labels is nominal: what needs an event is null', async () => {
  const { stdout } = await evaluate('--pass', work.path('nominal.csv'), '--json');
  expect(documentOf(stdout)).toMatchObject({
    windows: { anomalous: 0, falsePositiveRate: 0, detectionRate: null, auc: null },
    isolation: { balancedAccuracy: null, classes: [], confusion: [] },
    identification: { balancedAccuracy: null, unknownRate: null },
    calibration: { ece: null, brier: null },
    events: {
      precision: null,
      recall: null,
      f05: null,
      found: 0,
      missed: 0,
      false: 0,
      alarmsPerDay: 0,
      medianDelaySeconds: null,
    },
  });
});

test('a threshold chosen on another nominal pass is printed with its source', async () => {
  const { stdout, stderr } = await labelled(
    '--threshold-from',
    work.path('nominal.csv'),
    '--false-positive-rate',
    '0.02',
    '--json',
  );
  const { threshold } = documentOf(stdout);
  expect(threshold).toMatchObject({ source: work.path('nominal.csv'), falsePositiveRate: 0.02 });
  expect(stderr).not.toContain('flatters');
});

test('a threshold chosen on the evaluated pass says that it flatters', async () => {
  expect((await labelled('--false-positive-rate', '0.1')).stderr).toContain('flatters');
});

test('two packages are judged in one run, and a detector beside the graph gives the overhead', async () => {
  copyFileSync(work.path('strict/model.onnx'), work.path('strict/detector.onnx'));
  const report = work.path('report.html');
  const { stdout } = await labelled('--baseline', work.path('strict'), '--report', report, '--json');
  const baseline = documentOf(stdout)['baseline'] as Printed;
  expect(baseline).toMatchObject({ threshold: { value: 90 }, windows: { n: 28 } });
  expect(Object.values(baseline.cost).map((value) => typeof value)).toEqual(['number', 'number', 'number']);
  const page = readFileSync(report, 'utf8');
  expect(page).toContain('prefers-color-scheme:dark');
  expect(page.match(/<svg/g)?.length).toBeGreaterThan(8);
});

test('the page loads nothing, runs nothing and escapes what it shows', async () => {
  const labels = work.write('evil.csv', [
    'start,end,equipment,fault',
    '2026-03-01T00:00:20Z,2026-03-01T00:00:39Z,<script>alert(1)</script>,"a" & <b>',
  ]);
  const report = work.path('evil.html');
  const { status, stderr } = await evaluate('--pass', work.path('pass.csv'), '--labels', labels, '--report', report);
  const page = readFileSync(report, 'utf8');
  expect(status).toBe(0);
  expect(stderr).toContain('does not know fault');
  expect(page).toContain('&lt;b&gt;');
  expect(page).not.toMatch(/<script|<b>"|https?:|src=|href=|@import|url\(|NaN|undefined|Infinity/i);
});

test('faults the model was never taught count for detection and events, not for identification', async () => {
  const labels = work.write('new.csv', [
    'start,end,equipment,fault',
    '2026-03-01T00:00:20Z,2026-03-01T00:00:39Z,rw1,meteoroid',
  ]);
  const { stdout } = await evaluate('--pass', work.path('pass.csv'), '--labels', labels, '--json');
  expect(documentOf(stdout)).toMatchObject({
    windows: { detectionRate: 1 },
    isolation: { balancedAccuracy: 1 },
    identification: { balancedAccuracy: null, classes: [], novel: { n: 8, unknownRate: 0 } },
    events: { found: 1, rightEquipment: 1, rightFault: null },
  });
});

test('labels outside the pass are told, counted and left out', async () => {
  const labels = work.write('outside.csv', [
    'start,end,equipment,fault',
    '2026-03-01T00:00:20Z,2026-03-01T00:00:39Z,rw1,offset',
    '2026-03-02T00:00:20Z,2026-03-02T00:00:39Z,rw1,offset',
  ]);
  const { stdout, stderr } = await evaluate('--pass', work.path('pass.csv'), '--labels', labels, '--json');
  expect(documentOf(stdout)).toMatchObject({ labels: { n: 1, outside: 1 }, events: { found: 1, missed: 0 } });
  expect(stderr).toContain('1 of 2 labels are outside the pass');
});

test('people get a table', async () => {
  const { stdout } = await labelled();
  expect(stdout).toMatch(/events found, missed; false anomalies +1, 0; 0\n/);
});

test('a pass of another sampling period is refused', async () => {
  const [header = '', ...rows] = tinyPass(60);
  const slow = work.write('slow.csv', [header, ...rows.filter((_, index) => index % 3 === 0)]);
  const { status, stderr } = await evaluate('--pass', slow);
  expect({ status, says: stderr.includes('is sampled every 3 s, the mission every 1 s') }).toEqual({
    status: 2,
    says: true,
  });
});

test('a pass without one of the parameters is refused, and the parameter named', async () => {
  const lines = tinyPass(60).map((line) => line.split(',').slice(0, 4).join(','));
  const { status, stderr } = await evaluate('--pass', work.write('narrow.csv', lines));
  expect({ status, says: stderr.includes('no usable values of parameter "rw1_current"') }).toEqual({
    status: 2,
    says: true,
  });
});

test.each([
  [['--windows', 'sliding'], '--windows "sliding"'],
  [['--false-positive-rate', '2'], '--false-positive-rate "2"'],
])('%p is a usage error', async (args, told) => {
  const { status, stderr } = await labelled(...args);
  expect({ status, says: stderr.includes(told) }).toEqual({ status: 2, says: true });
});
