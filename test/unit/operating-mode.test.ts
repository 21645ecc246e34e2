import * as fc from 'fast-check';
import {
  decodeMode,
  decodeModes,
  initialMode,
  modeAt,
  rebaseMode,
  tellModes,
  type ModeState,
} from '../../src/core/telemetry/operating-mode';

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const LATEST = Date.UTC(2027, 0, 1);

describe('the mode of a time', () => {
  it('is the last that was told for a time that has passed, whenever it was told', () => {
    let state = tellModes(
      initialMode,
      [
        { time: 20, mode: 'SLEW' },
        { time: 10, mode: 'HOLD' },
      ],
      0,
    );
    const at = (time: number): string | undefined => {
      state = modeAt(state, time);
      return state.current?.mode;
    };
    expect([at(5), at(10), at(19), at(25)]).toEqual([undefined, 'HOLD', 'HOLD', 'SLEW']);
    state = tellModes(state, [{ time: 12, mode: 'SAFE' }], 25);
    expect(at(30)).toBe('SLEW');
    state = tellModes(state, [{ time: 20, mode: 'SAFE' }], 30);
    expect(at(31)).toBe('SAFE');
  });

  it('does not depend on how the changes arrive before their time', () => {
    const change = fc.record({ time: fc.integer({ min: 1, max: 50 }), mode: fc.constantFrom('A', 'B', 'C') });
    const changes = fc.uniqueArray(change, { selector: ({ time }) => time, maxLength: 12 });
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 60 }), (all, time) => {
        const together = modeAt(tellModes(initialMode, all, 0), time);
        const oneByOne = modeAt(
          [...all].reverse().reduce((state, item) => tellModes(state, [item], 0), initialMode),
          time,
        );
        const expected = [...all].sort((a, b) => a.time - b.time).findLast((item) => item.time <= time);
        expect([together.current, oneByOne.current]).toEqual([expected, expected]);
      }),
    );
  });
});

describe('the mode of a new time base', () => {
  const told = (time: number, mode: string, reached: number, before = old): ModeState =>
    tellModes(before, [{ time, mode }], reached);
  /** In `SLEW` since 500, at 1000; the clock goes back to 100. */
  const old = modeAt(tellModes(initialMode, [{ time: 500, mode: 'SLEW' }], 0), 1000);
  const base = { reached: 1000, to: 100, withinMs: 10 };
  const modesOf = (state: ModeState): (string | undefined)[] =>
    [100, 104, 900].map((time) => modeAt(rebaseMode(state, base), time).current?.mode);

  it.each([
    ['nothing: the mode there was', old, ['SLEW', 'SLEW', 'SLEW']],
    ['just before it began', told(99, 'SAFE', 1000), ['SAFE', 'SAFE', 'SAFE']],
    ['for an instant that waited', told(104, 'SAFE', 998), ['SLEW', 'SAFE', 'SAFE']],
    ['twice', told(104, 'HOLD', 1000, told(100, 'SAFE', 1000)), ['SAFE', 'HOLD', 'HOLD']],
    ['for its time, and long before the clock was set back', told(104, 'SAFE', 900), ['SLEW', 'SLEW', 'SLEW']],
    ['late, for another time of the old one', told(450, 'SAFE', 1000), ['SLEW', 'SLEW', 'SLEW']],
    ['for a time that has come, and no instant since', told(700, 'SAFE', 1000), ['SAFE', 'SAFE', 'SAFE']],
    ['for a later time of the old one', told(1100, 'SAFE', 1000), ['SLEW', 'SLEW', 'SLEW']],
  ])('when what was told was %s', (_what, state, modes) => {
    expect(modesOf(state)).toEqual(modes);
  });

  it('is history when the old one goes on, and what is late does not pile up', () => {
    const state = told(99, 'SAFE', 1000);
    expect(modeAt(state, 1005).current?.mode).toBe('SLEW');
    const many = Array.from({ length: 1000 }, (_, time) => ({ time: time / 10, mode: 'SAFE' }));
    expect(many.reduce((before, change) => tellModes(before, [change], 1000), state).late.length).toBeLessThanOrEqual(
      100,
    );
  });
});

describe('reading modes', () => {
  it('takes a message of the topic', () => {
    expect(decodeMode(bytes({ time: '2026-03-01T00:00:00Z', mode: 'SLEW' }), LATEST)).toEqual({
      time: Date.UTC(2026, 2, 1),
      mode: 'SLEW',
    });
  });

  it.each<[string, unknown, string]>([
    ['no JSON', 'SLEW', 'malformed'],
    ['no object', 3, 'malformed'],
    ['null', 'null', 'malformed'],
    ['no time', { mode: 'SLEW' }, 'malformed'],
    ['no mode', { time: 1e9 }, 'malformed'],
    ['a mode that is no text', { time: 1e9, mode: 3 }, 'malformed'],
    ['a time ahead of the clock', { time: '2099-01-01T00:00:00Z', mode: 'SLEW' }, 'future'],
    ['a clock that was never set', { time: 3, mode: 'SLEW' }, 'past'],
  ])('drops %s', (_name, payload, reason) => {
    expect(decodeMode(bytes(payload), LATEST)).toMatchObject({ reason });
  });

  it('takes a file, and tells every line that is none', () => {
    const text =
      'time,mode\n2026-03-01T00:00:00Z,SLEW\n\nnonsense\n2026-03-01T00:01:00Z,HOLD,x\n2026-03-01T00:02:00Z, HOLD\n';
    expect(decodeModes(text)).toEqual({
      modes: [
        { time: Date.UTC(2026, 2, 1), mode: 'SLEW' },
        { time: Date.UTC(2026, 2, 1, 0, 2), mode: 'HOLD' },
      ],
      problems: [
        { line: 4, message: 'not a time and a mode: nonsense' },
        { line: 5, message: 'not a time and a mode: 2026-03-01T00:01:00Z,HOLD,x' },
      ],
    });
    expect(decodeModes('mode,time\n').problems).toEqual([{ line: 1, message: 'the header is not time,mode' }]);
  });
});
