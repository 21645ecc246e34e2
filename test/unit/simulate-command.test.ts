import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { formatValue } from '../../src/adapters/passes/pass-writer';
import { register } from '../../src/commands/simulate';
import { FdirError } from '../../src/domain/errors';
import { parseFault } from '../../src/simulate/fault-syntax';
import { START } from '../support/simulate-support';

let folder = '';
let stderr: jest.SpyInstance;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-simulate-'));
  stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  stderr.mockRestore();
  rmSync(folder, { recursive: true });
});

const simulate = async (...args: readonly string[]): Promise<void> => {
  const program = new Command('fdir').exitOverride();
  register(program);
  await program.parseAsync(['node', 'fdir', 'simulate', ...args]);
};
const out = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(out(name), 'utf8');
const failure = async (...args: readonly string[]): Promise<{ code: string; message: string }> => {
  const error: unknown = await simulate('--out', out('p.csv'), ...args).catch((thrown: unknown) => thrown);
  if (!(error instanceof FdirError)) throw new Error(`no FdirError but ${String(error)}`);
  return { code: error.code, message: [error.message, ...error.problems.map(({ message }) => message)].join('\n') };
};

describe('fdir simulate', () => {
  it('writes a pass and its labels in the form of the contracts, the same bytes each time', async () => {
    const args = ['--duration', '5m', '--seed', '3', '--fault', 'dropout@rw1+1m/2m'];
    await simulate('--out', out('a.csv'), '--labels', out('a.labels.csv'), ...args);
    await simulate('--out', out('b.csv'), ...args);
    const lines = text('a.csv').split('\n');
    expect(lines[0]).toMatch(/^time,rw0_speed_rpm,rw0_torque_cmd_mnm,rw0_current_a,rw0_bearing_temp_c,rw1_speed_rpm,/);
    expect(lines[1]).toMatch(/^2026-03-01T00:00:00Z(,-?\d+(\.\d+)?){16}$/);
    expect(lines).toHaveLength(1 + 75 + 1);
    expect(lines.at(-1)).toBe('');
    expect(text('b.csv')).toBe(text('a.csv'));
    expect(text('a.labels.csv')).toBe(
      'start,end,equipment,fault\n2026-03-01T00:01:00Z,2026-03-01T00:02:56Z,rw1,dropout\n',
    );
  });

  it('starts when it is told to, and the start does not change the values', async () => {
    await simulate('--out', out('a.csv'), '--duration', '1m');
    await simulate('--out', out('b.csv'), '--duration', '1m', '--start', '2027-01-01T02:00:00+02:00');
    const values = (name: string): string[] =>
      text(name)
        .split('\n')
        .map((line) => line.replace(/^[^,]*/, ''));
    expect(text('b.csv').split('\n')[1]).toMatch(/^2027-01-01T00:00:00Z,/);
    expect(values('b.csv')).toEqual(values('a.csv'));
  });

  it('writes values in the order of the mission file', async () => {
    const mission = readFileSync('rules/mission.yaml', 'utf8');
    const lines = mission.split('\n');
    const isParameter = (line: string): boolean => /^ {2}- \{ id: rw\d_/.test(line);
    const reversedLines = lines.filter(isParameter).reverse();
    writeFileSync(
      out('m.yaml'),
      lines.map((line) => (isParameter(line) ? (reversedLines.shift() ?? '') : line)).join('\n'),
    );
    await simulate('--out', out('a.csv'), '--duration', '8s');
    await simulate('--out', out('b.csv'), '--duration', '8s', '--mission', out('m.yaml'));
    const reversed = (line: string): string => {
      const [time = '', ...values] = line.split(',');
      return [time, ...values.reverse()].join(',');
    };
    expect(text('b.csv').split('\n').slice(0, 3).map(reversed)).toEqual(text('a.csv').split('\n').slice(0, 3));
  });

  it.each([
    [['--fault', 'rust@rw1+1h/10m'], '"rust" is not a known fault; there are friction-rise, stuck-tachometer'],
    [['--fault', 'dropout@rw7+1h/10m'], '"rw7" is not a wheel; there are rw0 to rw3'],
    [['--fault', 'dropout@rw1'], 'is not TYPE@WHEEL+START/DURATION[xSEVERITY]'],
    [['--fault', 'dropout@rw1+soon/10m'], '"soon" is not a time after the start of the pass'],
    [['--fault', 'dropout@rw1+1h/long'], '"long" is not a duration'],
    [['--fault', 'dropout@rw1+1h/10mx5'], 'severity "5" must be a number from 0 to 0.9'],
    [['--fault', 'dropout@rw1+1h/10mxhard'], 'severity "hard" must be a number'],
    [['--fault', 'dropout@rw1+355m/10m'], 'dropout of rw1 is not inside the pass'],
    [['--fault', 'dropout@rw1+1h/1s'], 'dropout of rw1 is shorter than a sampling period'],
    [
      ['--fault', 'dropout@rw1+1h/1h', '--fault', 'torque-loss@rw1+90m/1h'],
      'dropout of rw1 and torque-loss of rw1 overlap',
    ],
    [['--duration', 'long'], '--duration "long" is not a duration'],
    [['--duration', '0s'], '--duration "0s" is not a duration'],
    [['--seed', '1.5'], '--seed "1.5" is not a whole number'],
    [['--spacecraft-seed', '-1'], '--spacecraft-seed "-1" is not a whole number'],
    [['--start', '2026-03-01'], '--start "2026-03-01" is not an ISO 8601 time with its zone'],
    [['--random-faults', '50'], 'this pass has room for 18'],
    [
      ['--bundle', 'telemetry-fixtures', '--seed', '4'],
      '--bundle takes everything from its manifest; leave out --seed',
    ],
  ])('refuses %j as a usage error', async (args, message) => {
    expect(await failure(...args)).toEqual({ code: 'usage', message: expect.stringContaining(message) as string });
  });

  it('needs an output file', async () => {
    await expect(simulate()).rejects.toMatchObject({ code: 'usage' });
  });

  it('refuses a mission with other parameters, listing what is missing and what is too much', async () => {
    writeFileSync(
      out('m.yaml'),
      readFileSync('rules/mission.yaml', 'utf8').replace('id: rw3_current_a', 'id: rw3_voltage_v'),
    );
    const { code, message } = await failure('--mission', out('m.yaml'));
    expect(code).toBe('config');
    expect(message).toContain('"rw3_voltage_v" is not produced by the simulator');
    expect(message).toContain('"rw3_current_a" is produced by the simulator but missing');
  });

  it('reports a file that cannot be written', async () => {
    await expect(simulate('--out', join(folder, 'none', 'p.csv'), '--duration', '8s')).rejects.toMatchObject({
      code: 'runtime',
    });
  });
});

describe('a fault on the command line', () => {
  it('has the default severity when none is given', () => {
    expect(parseFault('friction-rise@rw2+40m/30m', START)).toEqual({
      kind: 'friction-rise',
      wheel: 2,
      start: START + 2_400_000,
      durationMs: 1_800_000,
      severity: 0.4,
    });
    expect(parseFault('temperature-drift@rw0+0s/1hx-0.5', START).severity).toBe(-0.5);
  });
});

describe('numbers in a pass', () => {
  it('have the decimals of their unit, no trailing zero, no negative zero, and nothing for a missing sample', () => {
    expect([
      formatValue(-2643.149, 'rpm'),
      formatValue(2500.02, 'rpm'),
      formatValue(-0.001, 'mNm'),
      formatValue(NaN, 'A'),
      formatValue(100, 'K'),
    ]).toEqual(['-2643.1', '2500', '0', '', '100']);
  });
});
