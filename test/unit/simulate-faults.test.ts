import { isoTime } from '../../src/domain/units';
import { labelsText } from '../../src/adapters/passes/pass-writer';
import { FAULT_KINDS, FAULTS, labelsOf, type Fault, type FaultKind } from '../../src/simulate/faults';
import { randomFaults } from '../../src/simulate/random-faults';
import { simulatedParameters } from '../../src/simulate/simulate-pass';
import { channel, deviation, fault, mean, MINUTE, pass, START } from '../support/simulate-support';

const ONSET = 10;
const MINUTES = 30;
const FIRST_FRAME = (ONSET * MINUTE) / 4000;
const nominal = pass(ONSET + MINUTES + 10);
const faulted = (kind: FaultKind, severity = FAULTS[kind].default) =>
  pass(ONSET + MINUTES + 10, { faults: [fault(kind, 1, ONSET, MINUTES, severity)] });

/** Values inside the fault, its first five minutes left out: ramps and transients are over. */
const during = (frames: readonly number[][], parameter: string): number[] =>
  channel(frames, parameter).slice(FIRST_FRAME + 75, FIRST_FRAME + MINUTES * 15);
const changed = (frames: readonly number[][]): string[] =>
  simulatedParameters.filter((id) => channel(frames, id).some((value, frame) => value !== channel(nominal, id)[frame]));

describe.each(FAULT_KINDS)('%s', (kind) => {
  const frames = faulted(kind);

  it('leaves every value before its start as in the nominal pass, bit by bit', () => {
    expect(frames.slice(0, FIRST_FRAME)).toEqual(nominal.slice(0, FIRST_FRAME));
  });

  it('shows on its wheel after its start', () => {
    expect(changed(frames).some((id) => id.startsWith('rw1_'))).toBe(true);
  });

  it('does nothing at severity zero', () => {
    expect(faulted(kind, 0)).toEqual(nominal);
  });
});

describe('friction rise', () => {
  it('takes more current at the same speed and warms the bearing, while the drive still follows its command', () => {
    const frames = faulted('friction-rise');
    expect(mean(during(frames, 'rw1_current_a').map(Math.abs))).toBeGreaterThan(
      1.25 * mean(during(nominal, 'rw1_current_a').map(Math.abs)),
    );
    expect(Math.abs(mean(during(frames, 'rw1_speed_rpm')) - mean(during(nominal, 'rw1_speed_rpm')))).toBeLessThan(60);
    expect(channel(frames, 'rw1_bearing_temp_c').at(FIRST_FRAME + 400)).toBeGreaterThan(
      (channel(nominal, 'rw1_bearing_temp_c').at(FIRST_FRAME + 400) ?? NaN) + 1,
    );
  });
});

describe('stuck tachometer', () => {
  it('freezes the measured speed at its value at onset, of its wheel alone, until the fault ends', () => {
    const frames = faulted('stuck-tachometer');
    const reading = channel(frames, 'rw1_speed_rpm');
    const inside = reading.slice(FIRST_FRAME, FIRST_FRAME + MINUTES * 15);
    expect(new Set(inside)).toEqual(new Set([channel(nominal, 'rw1_speed_rpm')[FIRST_FRAME]]));
    expect(reading[FIRST_FRAME + MINUTES * 15]).not.toBe(inside[0]);
    for (const other of ['rw0', 'rw2', 'rw3'])
      expect(new Set(during(frames, `${other}_speed_rpm`)).size).toBeGreaterThan(100);
  });
});

describe('torque loss', () => {
  const frames = faulted('torque-loss');

  it('makes the controller command more of the wheel than it accelerates, at unchanged current for its friction', () => {
    // The wheel turns backwards, so that a command that makes up for undelivered torque is negative.
    expect(mean(during(frames, 'rw1_torque_cmd_mnm'))).toBeLessThan(mean(during(nominal, 'rw1_torque_cmd_mnm')) - 1.5);
    expect(mean(during(frames, 'rw1_current_a')) / mean(during(nominal, 'rw1_current_a'))).toBeCloseTo(1, 0);
  });

  it('is answered by the other wheels as well', () => {
    for (const other of ['rw0', 'rw2', 'rw3']) {
      expect(
        Math.abs(mean(during(frames, `${other}_torque_cmd_mnm`)) - mean(during(nominal, `${other}_torque_cmd_mnm`))),
      ).toBeGreaterThan(0.1);
    }
  });
});

describe('faults of a sensor that nothing on board uses', () => {
  it('temperature drift moves the temperature reading of its wheel by its rate, up to 15 degC, and nothing else', () => {
    const frames = faulted('temperature-drift', 0.6);
    expect(changed(frames)).toEqual(['rw1_bearing_temp_c']);
    const offset = channel(frames, 'rw1_bearing_temp_c').map(
      (value, frame) => value - (channel(nominal, 'rw1_bearing_temp_c')[frame] ?? NaN),
    );
    expect(offset[FIRST_FRAME + 150]).toBeCloseTo(6, 6);
    expect(Math.max(...offset)).toBeCloseTo(15, 6);
    expect(offset.at(-1)).toBe(0);
  });

  it('noisy current sensor adds noise of its size to the current reading of its wheel, and nothing else', () => {
    const frames = faulted('current-noise', 0.05);
    expect(changed(frames)).toEqual(['rw1_current_a']);
    const added = during(frames, 'rw1_current_a').map(
      (value, frame) => value - (during(nominal, 'rw1_current_a')[frame] ?? NaN),
    );
    expect(mean(added)).toBeCloseTo(0, 2);
    expect(deviation(added)).toBeCloseTo(0.05, 2);
  });
});

describe('intermittent dropout', () => {
  it('cuts the current to zero again and again for seconds, about as often as its severity says', () => {
    const off = channel(faulted('dropout', 0.2), 'rw1_current_a')
      .slice(FIRST_FRAME, FIRST_FRAME + MINUTES * 15)
      .map((value) => Math.abs(value) < 0.04);
    const starts = off.filter((value, frame) => value && off[frame - 1] !== true).length;
    expect(starts).toBeGreaterThan(8);
    expect(off.filter(Boolean).length / off.length).toBeGreaterThan(0.1);
    expect(off.filter(Boolean).length / off.length).toBeLessThan(0.35);
  });
});

describe('labels', () => {
  it('name first and last frame inside each fault, in order of time', () => {
    const faults = [
      fault('dropout', 3, 50, 10, 0.15),
      { ...fault('torque-loss', 0, 10, 20, 0.25), start: START + 10 * MINUTE + 1500 },
    ];
    expect(labelsText(labelsOf(faults, START, 4000))).toBe(
      'start,end,equipment,fault\n' +
        '2026-03-01T00:10:04Z,2026-03-01T00:30:00Z,rw0,torque-loss\n' +
        '2026-03-01T00:50:00Z,2026-03-01T00:59:56Z,rw3,dropout\n',
    );
  });
});

describe('random faults', () => {
  const DAY = 24 * 60 * MINUTE;
  const faults = randomFaults({ count: 48, passSeed: 9, passStart: START, durationMs: 2 * DAY, periodMs: 4000 });

  it('are the same for the same seed and others for another', () => {
    expect(randomFaults({ count: 48, passSeed: 9, passStart: START, durationMs: 2 * DAY, periodMs: 4000 })).toEqual(
      faults,
    );
    expect(
      randomFaults({ count: 48, passSeed: 10, passStart: START, durationMs: 2 * DAY, periodMs: 4000 }),
    ).not.toEqual(faults);
  });

  it('meet every kind and every wheel equally often, with severities in the typical range', () => {
    const count = (of: (item: Fault) => string): number[] => {
      const names = faults.map(of);
      return [...new Set(names)].map((name) => names.filter((other) => other === name).length);
    };
    expect(count(({ kind }) => kind)).toEqual([8, 8, 8, 8, 8, 8]);
    expect(count(({ kind, wheel }) => `${kind} ${String(wheel)}`)).toEqual(Array.from({ length: 24 }, () => 2));
    expect(
      faults.filter(({ kind, severity }) => severity < FAULTS[kind].typical[0] || severity > FAULTS[kind].typical[1]),
    ).toEqual([]);
  });

  it('stay inside the pass, on its frames, with nominal minutes between them', () => {
    const ends = [START, ...faults.map(({ start, durationMs }) => start + durationMs)];
    const gaps = faults.map(({ start }, index) => start - (ends[index] ?? NaN));
    expect(Math.min(...gaps)).toBeGreaterThan(3 * MINUTE);
    expect(isoTime(Math.max(...ends)) < isoTime(START + 2 * DAY)).toBe(true);
    expect(faults.filter(({ start, durationMs }) => (start - START) % 4000 !== 0 || durationMs % 4000 !== 0)).toEqual(
      [],
    );
  });

  it('are refused when the pass is too short for them', () => {
    expect(() =>
      randomFaults({ count: 10, passSeed: 1, passStart: START, durationMs: 60 * MINUTE, periodMs: 4000 }),
    ).toThrow('room for 3');
  });
});
