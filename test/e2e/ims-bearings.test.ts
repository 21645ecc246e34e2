/** The binary on a recording nobody here made: four bearings on a rig, run to failure; bearings 3 and 4 are known to fail. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnomalyEvent, PipelineEvent, Summary } from '../../src/domain/events';
import { runCli } from '../support/cli';
import { describeWithSharedData, sharedData } from '../support/shared-data';

const MISSION = join(__dirname, '../../rules/ims-bearings/mission.yaml');
/** Rows the model is fitted on: the first third. */
const HEALTHY_ROWS = 700;

describeWithSharedData('bearings run to failure', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-ims-'));
    const [header = '', ...rows] = readFileSync(sharedData('ims-bearings/test1.csv'), 'utf8').trim().split('\n');
    const write = (name: string, part: readonly string[]): void => {
      writeFileSync(join(folder, name), `${[header, ...part].join('\n')}\n`);
    };
    write('healthy.csv', rows.slice(0, HEALTHY_ROWS));
    write('rest.csv', rows.slice(HEALTHY_ROWS));
    writeFileSync(join(folder, 'fdir.yaml'), `mission: ${MISSION}\nmodel: model\nfalseAlarmsPerDay: 0.5\n`);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('a model of the healthy beginning names both bearings that fail before the end', async () => {
    const fitted = await runCli([
      'fit',
      '--mission',
      MISSION,
      '--nominal',
      join(folder, 'healthy.csv'),
      '--detector',
      'pca',
      '--out',
      join(folder, 'model'),
    ]);
    expect({ status: fitted.status, error: fitted.status === 0 ? '' : fitted.stderr }).toEqual({
      status: 0,
      error: '',
    });
    const replayed = await runCli([
      'replay',
      join(folder, 'rest.csv'),
      '--config',
      join(folder, 'fdir.yaml'),
      '--json',
    ]);
    expect(replayed.status).toBe(0);
    const events = replayed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as PipelineEvent | Summary);
    const latest = new Map(
      events.filter((event): event is AnomalyEvent => event.type === 'anomaly').map((event) => [event.id, event]),
    );
    const anomalies = [...latest.values()];
    console.info(
      anomalies
        .map(
          ({ start, end, verdict, sentence }) =>
            `${start} ${String(end)} ${verdict.equipment} ${verdict.fault}: ${sentence}`,
        )
        .join('\n'),
    );
    const named = anomalies.map(({ verdict }) => verdict.equipment);
    expect(named).toEqual(expect.arrayContaining(['b3', 'b4']));
    // The first it names is one of those that fail.
    expect(['b3', 'b4']).toContain(named[0]);
  });
});
