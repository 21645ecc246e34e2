import Database from 'better-sqlite3';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  statSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import { MIGRATIONS } from '../../src/adapters/log/sqlite-schema';
import { runCli, startCli, type Finished } from '../support/cli';
import { anomalyEvent, CHAIN_KEY, writeFullLog } from '../support/full-log';
import { listen } from '../support/listener';
import { describeWithBroker, startBroker } from '../support/mosquitto';
import { offsetOnWheel1, T0, tinyPass } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace } from '../support/workspace';

let folder: string;
let log: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-log-cli-'));
  log = join(folder, 'log.db');
  writeFullLog(log);
  writeFileSync(join(folder, 'key'), `${CHAIN_KEY.toString()}\n`, { mode: 0o600 });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const fdir = (...args: readonly string[]): Promise<Finished> => runCli(['log', ...args]);

describe('fdir log', () => {
  test('lists for people, as JSON and as CSV, and says that there is more', async () => {
    const people = await fdir('list', '--log', log);
    expect(people.status).toBe(0);
    expect(people.stdout).toMatch(/^START +STATE +EQUIPMENT/);
    expect(people.stdout.split('\n')[1]).toMatch(/^2026-03-01T00:01:00Z {2}open {4}rw1 /);
    // No colour where there is no terminal.
    expect(people.stdout).not.toContain('\u001b');
    const json = await fdir('list', '--log', log, '--json');
    expect((JSON.parse(json.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(['b', 'a']);
    const csv = await fdir('list', '--log', log, '--csv', '--limit', '1');
    expect(csv.stdout.split('\r\n').length).toBe(3);
    const [, cursor = ''] = /--cursor (\S+)/.exec(csv.stderr) ?? [];
    const next = await fdir('list', '--log', log, '--json', '--limit', '1', '--cursor', cursor);
    expect((JSON.parse(next.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(['a']);
    expect(next.stderr).toBe('');
  });

  test('filters, on a copy of the file too', async () => {
    const copy = join(folder, 'copy.db');
    const source = new Database(log);
    source.pragma('wal_checkpoint(TRUNCATE)');
    source.close();
    copyFileSync(log, copy);
    const ids = async (...args: readonly string[]): Promise<unknown> =>
      (JSON.parse((await fdir('list', '--log', copy, '--json', ...args)).stdout) as { id: string }[]).map(
        ({ id }) => id,
      );
    expect(await ids('--rule', 'off', '--verdict', 'true')).toEqual(['a']);
    expect(await ids('--equipment', 'rw1', 'rw2', '--state', 'open')).toEqual(['b']);
    expect(await ids('--min-confidence', '95%')).toEqual([]);
    expect(await ids('--since', '2026-03-01T00:00:30Z')).toEqual(['b']);
    expect(await ids('--since', '30d')).toEqual([]);
  });

  test.each([
    [['list', '--since', 'soon'], /--since "soon" is no time/],
    [['list', '--since', '2h', '--until', '3h'], /`since` must be the earlier one/],
    [['list', '--min-confidence', '0.9', '--max-confidence', '0.1'], /no confidence is at least/],
    [['list', '--min-confidence', '1.5'], /it is 0 to 1, or 0% to 100%/],
    [['list', '--state', 'maybe'], /it is one of open, closed/],
    [['list', '--cursor', 'x'], /the cursor is none that a list gave/],
    [['list', '--limit', '0'], /it is 1 to 1000/],
    [['list', '--json', '--csv'], /give --json or --csv/],
    [['export', '--format', 'parquet'], /give --out FILE/],
    [['export', '--format', 'xml'], /Allowed choices are ndjson, csv, parquet/],
    [['verify', '--head', '12'], /it is NUMBER:CODE/],
    [['labels', '--verdict', 'false'], /leave out --verdict/],
  ])('%j is refused with what to do', async (args, message) => {
    const { status, stdout, stderr } = await fdir(...args, '--log', log);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('an id that does not exist is an answer, not a crash', async () => {
    for (const verb of ['show', 'explain']) {
      const told = await fdir(verb, 'nobody', '--log', log);
      const stderr = 'no anomaly has the id nobody; fdir log list names them\n';
      expect({ verb, ...told }).toEqual({ verb, status: 1, stdout: '', stderr });
      const { status, stdout } = await fdir(verb, 'nobody', '--log', log, '--json');
      expect([status, stdout]).toEqual([1, 'null\n']);
    }
  });

  test('shows the account, and writes it as one page that loads nothing', async () => {
    const { stdout, status } = await fdir('show', 'a', '--log', log);
    expect(status).toBe(0);
    for (const part of [
      'Measured against expected',
      'What the rules made of it',
      'How it went on',
      'ada: true, bearing',
    ])
      expect(stdout).toContain(part);
    const page = join(folder, 'a.html');
    await fdir('show', 'a', '--log', log, '--html', page);
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).not.toMatch(/<script|src=|href=|https?:\/\//);
  });

  test('exports NDJSON with every revision, CSV, and Parquet that others read', async () => {
    const lines = (await fdir('export', '--log', log, '--full')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { revisions: unknown[] }).revisions.length)).toEqual([2, 1]);
    const csv = (await fdir('export', '--log', log, '--format', 'csv')).stdout.split('\r\n');
    expect([csv.length, csv[0]?.split(',')[0]]).toEqual([4, 'id']);
    const file = join(folder, 'log.parquet');
    expect((await fdir('export', '--log', log, '--format', 'parquet', '--out', file)).status).toBe(0);
    // The reader is an ES module, which jest does not load.
    const read = `import('hyparquet').then(async (p) => process.stdout.write(JSON.stringify(await p.parquetReadObjects({ file: await p.asyncBufferFromFile(process.argv[1]) }))))`;
    const rows = JSON.parse(execFileSync(process.execPath, ['-e', read, file], { encoding: 'utf8' })) as unknown;
    expect(rows).toMatchObject([
      { id: 'a', revision: 2, state: 'closed', equipment: 'rw2', verdict: 'true', start: '2026-03-01T00:00:00.000Z' },
      { id: 'b', revision: 1, state: 'open', equipment: 'rw1', verdict: null, end: null },
    ]);
  });

  test('counts, and measures against labels', async () => {
    const labels = join(folder, 'labels.csv');
    writeFileSync(
      labels,
      'start,end,equipment,fault\n2026-03-01T00:00:00Z,2026-03-01T00:00:10Z,rw2,offset\n2026-03-02T00:00:00Z,2026-03-02T01:00:00Z,rw0,step\n',
    );
    const { stdout } = await fdir('stats', '--log', log, '--labels', labels, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      anomalies: 2,
      open: 1,
      judged: { true: 1, false: 0, rareNominal: 0, unjudged: 1, precision: 1 },
      byEquipment: [
        { name: 'rw1', count: 1 },
        { name: 'rw2', count: 1, true: 1 },
      ],
      byRule: [{ name: 'off', count: 1, states: { verified: 1 } }],
      detection: { labels: 2, found: 1, medianDelaySeconds: 0 },
    });
    expect((await fdir('stats', '--log', log)).stdout).toContain('EEMUA 191');
  });

  test('verifies with the key, and exits with 1 when a record was changed', async () => {
    const key = join(folder, 'key');
    const good = await fdir('verify', '--log', log, '--key', key);
    expect([good.status, good.stdout.includes('the log is as it was written')]).toEqual([0, true]);
    const changed = join(folder, 'changed.db');
    copyFileSync(log, changed);
    const database = new Database(changed);
    database.exec("UPDATE verdict SET verdict = 'false'");
    database.close();
    const bad = await fdir('verify', '--log', changed, '--key', key, '--json');
    expect([bad.status, JSON.parse(bad.stdout)]).toMatchObject([
      1,
      { isWell: false, findings: [{ kind: 'changed', table: 'verdict' }] },
    ]);
  });

  test('labels what was judged true, as fdir fit reads it', async () => {
    expect((await fdir('labels', '--log', log)).stdout).toBe(
      'start,end,equipment,fault\n2026-03-01T00:00:00Z,2026-03-01T00:00:00Z,rw2,offset\n',
    );
  });

  test('follows what is written, revision by revision', async () => {
    const path = join(folder, 'followed.db');
    const writer = openLog(path, T0);
    writer.commit([anomalyEvent({ id: 'x', start: T0 })]);
    const following = startCli(['log', 'list', '--follow', '--json', '--log', path]);
    const told = () =>
      following
        .stdout()
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { id: string; revision: number });
    await until('what is there', () => told().length === 1);
    writer.commit([
      anomalyEvent({ id: 'x', start: T0, revision: 2, state: 'closed' }),
      anomalyEvent({ id: 'y', start: T0 + 1000 }),
    ]);
    await until('what came', () => told().length === 3);
    expect(told().map(({ id, revision }) => `${id}${String(revision)}`)).toEqual(['x1', 'x2', 'y1']);
    following.child.kill('SIGINT');
    expect((await following.finished).status).toBe(0);
    writer.close();
  });
});

describe('a log in trouble', () => {
  test('an export into a pipe that is closed ends quietly', () => {
    const path = join(folder, 'many.db');
    const writer = openLog(path, T0);
    for (let batch = 0; batch < 20; batch += 1) {
      writer.commit(
        Array.from({ length: 1000 }, (_, index) =>
          anomalyEvent({ id: `${String(batch)}-${String(index)}`, start: T0 + batch * 1_000_000 + index }),
        ),
      );
    }
    writer.close();
    const cli = join(__dirname, '../../dist/cli.js');
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', `set -o pipefail; "${process.execPath}" "${cli}" log export --log "${path}" | head -n 2`],
      { encoding: 'utf8' },
    );
    expect([status, stdout.trim().split('\n').length, stderr]).toEqual([0, 2, '']);
  });

  test('an export to a disk that is full, or to no place at all, says so and names the file', async () => {
    for (const format of ['csv', 'ndjson', 'parquet']) {
      const full = await fdir('export', '--log', log, '--format', format, '--out', '/dev/full');
      expect([format, full.status, full.stderr]).toEqual([
        format,
        3,
        'fdir: /dev/full cannot be written: the disk is full; what is there is not all of it\n',
      ]);
      const nowhere = join(folder, 'nowhere', 'file');
      const lost = await fdir('export', '--log', log, '--format', format, '--out', nowhere);
      expect([lost.status, lost.stderr]).toEqual([3, `fdir: ${nowhere} cannot be written: there is no such folder\n`]);
    }
    const page = await fdir('show', 'a', '--log', log, '--html', '/dev/full');
    expect([page.status, page.stderr.startsWith('fdir: /dev/full cannot be written: the disk is full')]).toEqual([
      3,
      true,
    ]);
  });

  test('a list that nobody can write down ends with a word, and not with a trace', () => {
    const cli = join(__dirname, '../../dist/cli.js');
    const out = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [cli, 'log', 'list', '--log', log], {
      encoding: 'utf8',
      stdio: ['ignore', out, 'pipe'],
    });
    closeSync(out);
    expect([status, stderr]).toEqual([
      3,
      'fdir: the output cannot be written: ENOSPC: no space left on device, write\n',
    ]);
  });

  // Root may write anywhere, and becomes somebody else for this; who cannot even run the program then has no answer.
  const somebody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const asSomebody = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(__dirname, '../../dist/cli.js'), ...args], { encoding: 'utf8', ...somebody });
  const canRun = asSomebody('--version').status === 0;
  (canRun ? test : test.skip)(
    'a log that may not be written says so, with what to do, to who reads and to who writes',
    () => {
      const place = mkdtempSync(join(tmpdir(), 'fdir-read-only-'));
      const path = join(place, 'log.db');
      openLog(path, T0).close();
      chmodSync(path, 0o444);
      chmodSync(place, 0o555);
      try {
        const read = asSomebody('log', 'list', '--log', path);
        expect([read.status, read.stdout]).toEqual([2, '']);
        expect(read.stderr).toBe(
          `fdir: cannot read the log ${path}: you may not write beside it, which reading needs as a daemon may be writing; ` +
            'copy it to a folder of your own, or read as the user of the daemon\n',
        );
        const fixtures = join(__dirname, '../../telemetry-fixtures/dropout.csv');
        const config = join(__dirname, '../../rules/fdir.yaml');
        const written = asSomebody('replay', fixtures, '--config', config, '--log', path);
        expect(written.status).toBe(3);
        expect(written.stderr).toContain(
          `cannot open the log ${path}: the file or its folder is read-only for this user`,
        );
      } finally {
        chmodSync(place, 0o755);
        rmSync(place, { recursive: true });
      }
    },
  );

  test('a damaged file is named, by list and by verify', async () => {
    const path = join(folder, 'damaged.db');
    const source = new Database(log);
    source.pragma('wal_checkpoint(TRUNCATE)');
    source.close();
    copyFileSync(log, path);
    const file = openSync(path, 'r+');
    // Pages from the second on: the head of the file stays what it is.
    const size = statSync(path).size - 4096;
    writeSync(file, Buffer.alloc(size, 0xa5), 0, size, 4096);
    closeSync(file);
    for (const command of ['list', 'verify', 'stats']) {
      const { status, stderr, stdout } = await fdir(command, '--log', path);
      expect(status).toBeGreaterThan(0);
      expect(stderr + stdout).toMatch(/damaged|malformed|cannot read/);
    }
  });

  test.each([
    ['a file that is none', 'not a database'.repeat(500)],
    ['an empty file', ''],
  ])('%s is refused', async (_name, content) => {
    const path = join(folder, 'foreign.db');
    writeFileSync(path, content);
    const { status, stderr } = await fdir('list', '--log', path);
    expect(status).toBe(2);
    expect(stderr).toContain(path);
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('a log that somebody locks refuses a commit whole, and takes it when it is free', () => {
    const path = join(folder, 'locked.db');
    const writer = openLog(path, T0, { busyTimeoutMs: 50 });
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    expect(() => {
      writer.commit([anomalyEvent({ id: 'x', start: T0 })]);
    }).toThrow(/locked/);
    // Readers are let in.
    expect(readLog(path).listAnomalies()).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    writer.commit([anomalyEvent({ id: 'x', start: T0 })]);
    expect(writer.verify({ keys: [] }).findings).toEqual([]);
    writer.close();
  });

  test('a log of an older version is brought up to date on demand, and a copy stays', async () => {
    const path = join(folder, 'old.db');
    const database = new Database(path);
    database.exec(MIGRATIONS.slice(0, 2).join('\n'));
    database.close();
    const before = await fdir('list', '--log', path);
    expect([before.status, before.stderr.includes('fdir log migrate --log')]).toEqual([2, true]);
    expect((await fdir('migrate', '--log', path)).status).toBe(0);
    expect(existsSync(`${path}.v2-backup`)).toBe(true);
    expect((await fdir('list', '--log', path)).stdout).toBe('no anomaly\n');
  });
});

describeWithBroker('verdicts', () => {
  test('are kept by the running daemon with who said it; one on nothing is refused; the head is told to the world', async () => {
    const work = await makeWorkspace();
    const broker = await startBroker();
    const listener = await listen(broker.url);
    writeFileSync(work.path('key'), CHAIN_KEY.toString(), { mode: 0o600 });
    const config = work.write(
      'daemon.yaml',
      `mission: mission.yaml\nmodel: model\nconsole: false\nmqtt: { url: ${broker.url} }\nlog: { path: daemon.db, key: { file: key } }\n`,
    );
    const daemon = startCli(['run', '--config', config]);
    try {
      await until('the daemon', () => listener.on('fdir/TINY-1/state').at(-1) === 'passive');
      const pass = work.write('pass.csv', tinyPass(300, offsetOnWheel1));
      await runCli(['replay', pass, '--config', work.path('fdir.yaml'), '--mqtt', broker.url]);
      await until('an anomaly', () => listener.on('fdir/TINY-1/anomaly').length > 0);
      const { id } = JSON.parse(listener.on('fdir/TINY-1/anomaly')[0] ?? '{}') as { id: string };
      const given = await fdir('verdict', id, 'false', '--config', config, '--by', 'ada', '--comment', 'calibration');
      expect([given.status, given.stdout]).toEqual([0, `${id}: false\n`]);
      const refused = await fdir('verdict', 'nobody', 'true', '--config', config);
      expect([refused.status, refused.stdout]).toEqual([1, 'no anomaly has the id nobody\n']);
      const { stdout } = await fdir('show', id, '--config', config, '--json');
      expect((JSON.parse(stdout) as { verdicts: unknown }).verdicts).toMatchObject([
        { anomaly: id, by: 'ada', verdict: 'false', comment: 'calibration' },
      ]);
      const heads = await until('the head', () => listener.on('fdir/TINY-1/log-head').at(-1), 30_000);
      const { sequence, mac, keyId } = JSON.parse(heads) as { sequence: number; mac: string; keyId: string };
      expect(keyId).toMatch(/^[0-9a-f]{16}$/);
      await daemon.stop();
      const verified = await fdir('verify', '--config', config, '--head', `${String(sequence)}:${mac}`);
      expect([verified.status, verified.stdout.includes('no key signs')]).toEqual([0, false]);
    } finally {
      await daemon.stop();
      await listener.close();
      await broker.stop();
      work.remove();
    }
  });
});
