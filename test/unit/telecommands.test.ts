import * as fc from 'fast-check';
import { trackerManifest } from '../support/scored-windows';
import { decodeTelecommandFile, decodeTelecommands } from '../../src/core/telemetry/decode-telecommands';
import {
  initialTelecommands,
  rebaseTelecommands,
  sentBetween,
  telecommandsAt,
  tellTelecommands,
} from '../../src/core/telemetry/telecommands';
import { scoreWindow } from '../../src/core/anomaly/score-window';
import { allowedAt, planEffects, withExcused } from '../../src/core/telemetry/effects';
import { commandPhrase, withPhrase } from '../../src/core/anomaly/sent-commands';
import { SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';
import type { Manifest } from '../../src/domain/manifest';
import { missionSchema } from '../../src/domain/mission';
import type { Window } from '../../src/domain/telemetry';

const T = Date.UTC(2026, 2, 1);
const LATEST = T + 1e9;
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const sent = (time: number, name: string) => ({ time, name, arguments: {} });

describe('a message of the topic command', () => {
  it('is one telecommand or an array, with or without arguments', () => {
    const one = { time: '2026-03-01T00:00:00Z', name: 'SELECT_GAIN', arguments: { gain: 2 } };
    expect(decodeTelecommands(bytes(one), LATEST)).toEqual({
      telecommands: [{ time: T, name: 'SELECT_GAIN', arguments: { gain: 2 } }],
      drops: [],
    });
    expect(decodeTelecommands(bytes([one, { time: T / 1000, name: 'X' }]), LATEST).telecommands).toEqual([
      { time: T, name: 'SELECT_GAIN', arguments: { gain: 2 } },
      { time: T, name: 'X', arguments: {} },
    ]);
  });

  it.each([
    ['no JSON', '{', 'malformed'],
    ['no object', '3', 'malformed'],
    ['no name', { time: T / 1000 }, 'malformed'],
    ['no time', { time: 'soon', name: 'X' }, 'malformed'],
    ['arguments that are a list', { time: T / 1000, name: 'X', arguments: [1] }, 'malformed'],
    ['a time of 1970', { time: 3, name: 'X' }, 'past'],
    ['a time far ahead', { time: T / 1000 + 1e8, name: 'X' }, 'future'],
    ['too many bytes', ' '.repeat(300_000), 'oversized'],
  ])('with %s is dropped and counted', (_what, value, reason) => {
    const { telecommands, drops } = decodeTelecommands(bytes(value), LATEST);
    expect([telecommands, drops.map((drop) => drop.reason)]).toEqual([[], [reason]]);
  });

  it('keeps its good items when one is bad', () => {
    const { telecommands, drops } = decodeTelecommands(bytes([{ name: 'X' }, sent(T / 1000, 'Y')]), LATEST);
    expect([telecommands, drops.length]).toEqual([[sent(T, 'Y')], 1]);
  });
});

describe('a commands file', () => {
  it('is CSV with arguments as JSON, as pairs, or left out', () => {
    const text = [
      'time,name,arguments',
      '2026-03-01T00:00:10Z,B,"{""gain"": 2, ""unit"": ""a,b""}"',
      '2026-03-01T00:00:00Z,A,gain=2 on=true unit=rw1',
      `${String(T / 1000 + 20)},C`,
      '',
    ].join('\r\n');
    expect(decodeTelecommandFile(text)).toEqual({
      telecommands: [
        { time: T, name: 'A', arguments: { gain: 2, on: true, unit: 'rw1' } },
        { time: T + 10_000, name: 'B', arguments: { gain: 2, unit: 'a,b' } },
        { time: T + 20_000, name: 'C', arguments: {} },
      ],
      problems: [],
    });
  });

  it('is NDJSON', () => {
    expect(decodeTelecommandFile('{"time": "2026-03-01T00:00:00Z", "name": "A"}\n').telecommands).toEqual([
      sent(T, 'A'),
    ]);
  });

  it('names every bad line', () => {
    const text = 'time,name,arguments\nnever,A\n2026-03-01T00:00:00Z,\n2026-03-01T00:00:00Z,A,{oops\n';
    expect(decodeTelecommandFile(text).problems.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(decodeTelecommandFile('a,b\n').problems.map(({ line }) => line)).toEqual([1]);
  });
});

test('whatever comes, it is read or dropped with a reason, and nothing breaks', () => {
  const item = fc.record({ time: fc.anything(), name: fc.anything(), arguments: fc.anything() }, { requiredKeys: [] });
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .array(item)
      .map((items) => JSON.stringify(items, (_key, value: unknown) => (typeof value === 'bigint' ? 1 : value)) ?? ''),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { telecommands, drops } = decodeTelecommands(bytes(text), LATEST);
      for (const { time, name } of telecommands) expect([Number.isFinite(time), name.length > 0]).toEqual([true, true]);
      if (text.trim() !== '[]') expect(telecommands.length + drops.length).toBeGreaterThan(0);
      for (const { line } of decodeTelecommandFile(text).problems) expect(line).toBeGreaterThan(0);
    }),
  );
});

describe('what was sent by a time', () => {
  it('counts from its own time on, whenever it arrived', () => {
    let state = tellTelecommands(initialTelecommands, [sent(30, 'A'), sent(10, 'A'), sent(20, 'B')], 15);
    expect(state.last).toEqual({ A: 10 });
    state = telecommandsAt(state, 25);
    expect(state.last).toEqual({ A: 10, B: 20 });
    state = telecommandsAt(state, 30);
    expect(state.last).toEqual({ A: 30, B: 20 });
    state = tellTelecommands(state, [sent(12, 'A')], 30);
    expect(state.last).toEqual({ A: 30, B: 20 });
    expect(sentBetween(state, 10, 20).map(({ time }) => time)).toEqual([10, 12, 20]);
  });

  it('has no age on a new time base', () => {
    const state = tellTelecommands(initialTelecommands, [sent(500, 'A'), sent(2000, 'B'), sent(900, 'C')], 600);
    expect(rebaseTelecommands(state, 800)).toEqual({ last: {}, recent: [], ahead: [sent(900, 'C'), sent(2000, 'B')] });
  });

  it('is bounded, however many names are made up', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => sent(index, `N${String(index)}`));
    const state = tellTelecommands(initialTelecommands, many, 1e9);
    expect(Object.keys(state.last)).toHaveLength(5000);
    expect(state.recent).toHaveLength(500);
    expect(state.last['N19999']).toBe(19_999);
  });
});

describe('declared effects', () => {
  const missionWith = (allow?: unknown) =>
    missionSchema.parse({
      spacecraft: 'T',
      sampling: { period: '4s', window: 4 },
      parameters: [{ id: 'a' }, { id: 'b' }],
      effects: [{ command: 'ON', parameters: ['b'], within: '8s', ...(allow === undefined ? {} : { allow }) }],
    });
  const effects = (allow?: unknown) => planEffects(missionWith(allow));
  const state = telecommandsAt(tellTelecommands(initialTelecommands, [sent(T + 4000, 'ON')], 0), T + 12_000);

  /** What is excused in the frame so many milliseconds after T, where `b` has a value. */
  const excusedAt = (after: number, b: number, allow?: unknown): readonly number[] | undefined => {
    const values = Float64Array.of(1, b);
    const item = { kind: 'frame', slot: 0, frame: { time: T + after, values }, received: values } as const;
    const told = tellTelecommands(initialTelecommands, [sent(T + 4000, 'ON'), sent(T + 4000, 'OTHER')], 0);
    const out = withExcused(effects(allow), telecommandsAt(told, T + after), item);
    // Limits, absence and checks run on what was received.
    expect(out.received).toBe(values);
    if (out.excused === undefined) expect(out).toBe(item);
    return out.excused;
  };

  it('excuse their parameters while they last', () => {
    expect([0, 3999, 4000, 8000, 12_000, 12_001].map((after) => excusedAt(after, 5))).toEqual([
      undefined,
      undefined,
      [1],
      [1],
      [1],
      undefined,
    ]);
  });

  it('excuse no value outside of what they allow, and none that is missing', () => {
    expect([5, 7, 7.1, NaN].map((value) => excusedAt(8000, value, [0, 7]))).toEqual([[1], [1], undefined, undefined]);
    expect([6, 7, NaN].map((value) => excusedAt(8000, value, { b: [7, 9] }))).toEqual([undefined, [1], undefined]);
    expect(excusedAt(8000, NaN)).toBeUndefined();
  });

  it('of several telecommands excuse each row once', () => {
    const plan = planEffects({
      ...missionWith(),
      effects: [
        { command: 'OTHER', parameters: ['b', 'a'], within: 8000 },
        { command: 'ON', parameters: ['b'], within: 8000 },
      ],
    });
    const values = Float64Array.of(1, 2);
    const item = { kind: 'frame', slot: 0, frame: { time: T, values }, received: values } as const;
    expect(withExcused(plan, { ...initialTelecommands, last: { ON: T, OTHER: T } }, item).excused).toEqual([0, 1]);
  });

  /** The rows that are scored, and how often was asked what is implied; what is implied is 2 throughout. */
  const scoredOf = async (window: Window, infers: boolean) => {
    const scored: number[][] = [];
    const asked: number[] = [];
    const { calibration, ...rest } = trackerManifest();
    const sustained = { rates: [], heads: [], units: [], lines: [], commands: [], missing: { parameters: [] } };
    const manifest = { ...rest, calibration: { ...calibration, ...(infers && { sustained }) } } as unknown as Manifest;
    await scoreWindow(
      {
        manifest,
        score: (rows: Float32Array) => {
          scored.push([...rows]);
          return Promise.resolve([]);
        },
        implied: (_, n) => {
          asked.push(n);
          return Promise.resolve(Array.from({ length: n }, () => ({ expected: new Float32Array(8).fill(2) })));
        },
      },
      window,
    );
    return { row: scored[0] ?? [], asked };
  };
  const window: Window = {
    start: T,
    end: T + 12_000,
    values: Float32Array.from([1, 1, 1, 1, 5, 6, 7, 8]),
    unusable: [],
    measured: Uint8Array.from([1, 1, 1, 1, 1, 0, 0, 0]),
    memory: new Float32Array(2 * SUMMARIES),
  };

  it('are scored as what the other parameters imply, in some turns, by a model that takes no mask', async () => {
    const { row, asked } = await scoredOf({ ...window, expected: [5, 6, 7] }, false);
    expect([row, asked]).toEqual([
      [1, 1, 1, 1, 5, 2, 2, 2],
      [1, 1, 1, 1],
    ]);
    expect((await scoredOf(window, false)).row).toEqual([...window.values]);
  });

  it('are left to a model that takes a mask', async () => {
    const { row, asked } = await scoredOf({ ...window, expected: [5, 6, 7] }, true);
    expect([row.slice(0, 16), asked]).toEqual([[1, 1, 1, 1, 5, 6, 7, 8, 1, 1, 1, 1, 1, 0, 0, 0], []]);
  });

  it('leave no trace in what is remembered of their parameter: what the others imply stands in', async () => {
    const memory = new Float32Array(2 * SUMMARIES);
    memory[SUMMARY.count] = 300;
    const { row, asked } = await scoredOf({ ...window, memory }, true);
    expect(asked).toEqual([2]);
    const remembered = row.slice(16);
    expect(remembered.slice(0, SUMMARIES)).toEqual([...memory.subarray(0, SUMMARIES)]);
    for (const at of [...SUMMARY.mean, SUMMARY.level]) expect(remembered[SUMMARIES + at]).toBe(2);
  });

  it('widen limits only by what they say', () => {
    expect(allowedAt(effects(), state, T + 8000)).toEqual(new Map());
    expect(allowedAt(effects([0, 7]), state, T + 8000)).toEqual(new Map([[1, [0, 7]]]));
    expect(allowedAt(effects([0, 7]), state, T + 12_001)).toEqual(new Map());
  });

  it('must name parameters of the mission', () => {
    const read = missionSchema.safeParse({
      spacecraft: 'T',
      sampling: { period: '4s' },
      parameters: [{ id: 'a' }],
      effects: [{ command: 'ON', parameters: ['x'], within: '8s', allow: { x: [0, 1] } }],
    });
    expect(read.error?.issues.map(({ path }) => path.join('.'))).toEqual(['effects.0.parameters.0']);
  });
});

describe('the sentence', () => {
  const commands = [sent(T - 40_000, 'SELECT_GAIN'), sent(T + 20_000, 'OTHER')];

  it('says how long after the last telecommand an anomaly began', () => {
    expect(commandPhrase(commands, T, T + 60_000)).toBe(', 40 s after SELECT_GAIN');
    expect(commandPhrase([sent(T - 200_000, 'X')], T, T)).toBe(', 3 min after X');
    expect(commandPhrase([sent(T - 301_000, 'X')], T, T)).toBe('');
    expect(commandPhrase(commands.slice(1), T, T + 60_000)).toBe(', with OTHER sent at 00:00:20Z');
  });

  it('keeps its judgement at the end', () => {
    expect(withPhrase('RW2: x since 04:12:08Z (offset, 93 %).', ', 40 s after X')).toBe(
      'RW2: x since 04:12:08Z, 40 s after X (offset, 93 %).',
    );
    expect(withPhrase('RW2: silent.', ', 40 s after X')).toBe('RW2: silent, 40 s after X.');
    expect(withPhrase('RW2: silent.', '')).toBe('RW2: silent.');
  });
});
