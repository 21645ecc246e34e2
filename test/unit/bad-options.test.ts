/** What people type after a verb, and what a service manager puts into the environment: a value, or a refusal that names the option. */
import { PassThrough } from 'node:stream';
import { Command, CommanderError } from 'commander';
import * as fc from 'fast-check';
import { paceOf } from '../../src/adapters/passes/pace';
import { watchdogMsOf } from '../../src/adapters/host/service-manager';
import { register as registerLog } from '../../src/commands/log';
import { register as registerRun } from '../../src/commands/run';
import { checkOptions, parseFaults, parseIntensity, positive, whole } from '../../src/commands/inject-options';
import { readLogFilter } from '../../src/core/log-filter';
import { parseTime, parseTimeText } from '../../src/core/telemetry/packet-time';
import { FdirError } from '../../src/domain/errors';
import { isoTime, parseDuration, parseSize } from '../../src/domain/units';
import { faultClasses } from '../../src/domain/fault-classes';
import { checkFaults, parseFault } from '../../src/simulate/fault-syntax';
import { damagedText, POLLUTING, refusesAtMost } from '../support/mutations';
import { T0 } from '../support/tiny-mission';

/** Nearly right, absurdly large, or anything. */
const nearly = (...examples: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    ...examples.map((example) => damagedText(example)),
    fc.constantFrom(...examples, ...POLLUTING, '', ' ', '9'.repeat(400), '1e999', '-1', '0', '0x10', 'NaN', 'Infinity'),
    fc
      .tuple(fc.bigInt({ min: 0n }), fc.constantFrom('d', 's', 'h', 'x', '%', 'GB', ''))
      .map(([n, unit]) => `${String(n)}${unit}`),
    fc.string({ maxLength: 12 }),
    fc.double().map(String),
  );
const holds = (arbitrary: fc.Arbitrary<string>, read: (text: string) => void): void => {
  fc.assert(
    fc.property(arbitrary, (text) => {
      refusesAtMost(() => {
        read(text);
      }, ['usage']);
    }),
    { numRuns: 1000 },
  );
};

test('a duration is milliseconds that can be added to any time, or none; a size can be counted', () => {
  holds(nearly('4s', '500ms', '1.5h', '400d'), (text) => {
    const ms = parseDuration(text);
    if (ms !== undefined) expect(isoTime(Date.UTC(2126, 0) + ms)).toMatch(/Z$/);
  });
  holds(nearly('2GB', '64MiB', '1.5kB'), (text) => {
    const bytes = parseSize(text);
    if (bytes !== undefined) expect(bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER).toBe(true);
  });
});

test('a time is one that can be written, or none', () => {
  holds(nearly('2026-03-01T04:12:08Z', '2026-03-01 04:12:08', '1772338328.0', '999999999999999'), (text) => {
    for (const time of [parseTimeText(text), parseTime(text), parseTime(Number(text))])
      if (time !== undefined) expect(isoTime(time)).toMatch(/Z$/);
  });
});

test('filters of the log: a time back from now however long ago, shares, words', () => {
  const times = nearly('2h', '30d', '2026-03-01T04:12:08Z');
  holds(times, (text) => {
    readLogFilter({ since: text }, T0);
  });
  holds(times, (text) => {
    readLogFilter({ until: text, text, equipment: [text] }, T0);
  });
});

const list = ['log', 'list', '--log', '/nowhere/log.db'];
test.each([
  [registerLog, list, '--min-confidence', nearly('0.8', '80%')],
  [registerLog, list, '--max-confidence', nearly('1', '100%')],
  [registerLog, list, '--since', nearly('2h', '2026-03-01T04:12:08Z')],
  [registerLog, list, '--state', nearly('open')],
  [registerLog, list, '--limit', nearly('10')],
  [registerLog, list, '--sort', nearly('start', 'score')],
  [registerLog, list, '--cursor', nearly('WzEsMl0', 'bnVsbA')],
  [registerLog, ['log', 'verify', '--log', '/nowhere/log.db'], '--head', nearly(`12:${'a'.repeat(64)}`)],
  [registerLog, ['log', 'events', '--log', '/nowhere/log.db'], '--kind', nearly('state', 'link-up,link-down')],
  [registerLog, ['log', 'events', '--log', '/nowhere/log.db'], '--limit', nearly('100')],
  [registerLog, ['log', 'history', '--log', '/nowhere/log.db'], '--kind', nearly('alarm', 'alarm,order')],
  [registerRun, ['run', '--config', '/nowhere/fdir.yaml'], '--log-level', nearly('info', 'silent')],
] as const)('%p: %j %s is understood, or refused as a usage error', async (register, words, option, values) => {
  const silent = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.commands.forEach(silent);
  };
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const program = new Command();
      register(program);
      silent(program);
      try {
        await program.parseAsync(['node', 'fdir', ...words, `${option}=${value}`]);
      } catch (error) {
        if (error instanceof CommanderError) return;
        // What was understood goes on to look for a file, which is not there.
        expect(error).toBeInstanceOf(FdirError);
        expect(['usage', 'input', 'config']).toContain((error as FdirError).code);
      }
    }),
    { numRuns: 100 },
  );
});

test('fdir inject: numbers, intensities, classes, and which options go together', () => {
  holds(nearly('1', '0.5', '100000'), (text) => {
    expect(positive(text, '--share', 1)).toBeLessThanOrEqual(1);
    expect(Number.isSafeInteger(whole(text, '--count', 1, 1e5))).toBe(true);
  });
  holds(nearly('1', '1,subspace-alteration=0.5'), (text) => {
    const intensity = parseIntensity(text);
    for (const fault of faultClasses) expect(intensity(fault)).toBeGreaterThan(0);
  });
  holds(nearly('offset', 'offset,step'), (text) => {
    for (const fault of parseFaults(text)) expect(faultClasses).toContain(fault);
  });
  const options = fc.record(
    { at: fc.string(), duration: fc.string(), count: fc.string(), share: fc.string(), independent: fc.boolean() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(options, (given) => {
      refusesAtMost(() => {
        checkOptions({ mission: 'm', intensity: '1', seed: '1', ...given });
      }, ['usage']);
    }),
  );
});

test('fdir simulate: a fault lies inside the pass, or is refused', () => {
  const pass = { start: T0, durationMs: 6 * 3_600_000, periodMs: 4000 };
  holds(nearly('friction-rise@rw2+40m/30m', 'torque-loss@rw0+2h/20mx0.3'), (text) => {
    const fault = parseFault(text, T0);
    checkFaults([fault], pass);
    expect(fault.start >= T0 && fault.start + fault.durationMs <= T0 + pass.durationMs).toBe(true);
  });
});

test('fdir replay --speed is a pace, or refused', () => {
  holds(nearly('afap', 'realtime', '10x', '2.5x'), (text) => {
    if (text === 'step') return;
    const pace = paceOf(text, () => 0, new PassThrough());
    if (text === 'afap') expect(pace).toBeUndefined();
    else void pace?.(T0);
  });
});

test('the environment of a service manager asks for a watchdog of some milliseconds, or for none', () => {
  fc.assert(
    fc.property(nearly('120000000'), nearly('1', '42'), (usec, pid) => {
      const ms = watchdogMsOf({ WATCHDOG_USEC: usec, WATCHDOG_PID: pid }, 42);
      if (ms !== undefined) expect(ms > 0 && Number.isFinite(ms)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
