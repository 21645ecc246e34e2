import * as fc from 'fast-check';
import { isFailing } from '../../src/core/monitoring/checking';
import { addResult, clearCount, unestablished, type Persistence } from '../../src/core/monitoring/persistence';
import type { CheckEvent } from '../../src/domain/events';
import { observeSeconds, program, ruleSet, testMission, type Second } from '../support/rules-world';

const short = ({ from, to, value }: CheckEvent): string => `${from} -> ${to} at ${String(value)}`;

/** Transitions by second, of one monitor of `rw1_speed` unless it says otherwise. */
const transitions = (monitor: Record<string, unknown>, seconds: readonly Second[], mission = testMission()) =>
  observeSeconds(
    program(ruleSet({ monitors: [{ id: 'm', parameter: 'rw1_speed', ...monitor }] }), mission),
    seconds,
    mission,
  ).map(({ checks }) => checks.map(short).join('; '));

const speeds = (...values: (number | undefined)[]): Second[] =>
  values.map((value, at) => ({ at, values: value === undefined ? {} : { rw1_speed: value } }));

describe('limit check', () => {
  const limits = { limits: [-50, 50] };

  it('reports only transitions of the established status, and both ends are within', () => {
    expect(transitions(limits, speeds(50, 51, 52, -50, -51, 0))).toEqual([
      '',
      'withinLimits -> aboveHighLimit at 51',
      '',
      'aboveHighLimit -> withinLimits at -50',
      'withinLimits -> belowLowLimit at -51',
      'belowLowLimit -> withinLimits at 0',
    ]);
  });

  it('says monitor, equipment, severity, kind and what established the status', () => {
    const compiled = program(
      ruleSet({ monitors: [{ id: 'm', parameter: 'rw1_speed', severity: 'high', repetition: 2, ...limits }] }),
    );
    const [, step] = observeSeconds(compiled, speeds(60, 61));
    expect(step?.checks).toEqual([
      {
        type: 'check',
        time: '2026-03-01T00:00:01Z',
        parameter: 'rw1_speed',
        limit: 'monitor',
        from: 'unchecked',
        to: 'aboveHighLimit',
        value: 61,
        range: [-50, 50],
        monitor: 'm',
        check: 'limit',
        equipment: 'rw1',
        severity: 'high',
        repetition: 2,
      },
    ]);
  });

  it('is not evaluated when it is disabled', () => {
    expect(transitions({ ...limits, enabled: false }, speeds(60))).toEqual(['']);
  });
});

describe('repetition', () => {
  it('needs so many consecutive failing results, and so many passing ones to return', () => {
    const monitor = { limits: [-50, 50], repetition: { fail: 3, pass: 2 } };
    expect(transitions(monitor, speeds(60, 60, 0, 60, 60, 60, 0, 60, 0, 0))).toEqual([
      '',
      '',
      '',
      '',
      '',
      'unchecked -> aboveHighLimit at 60',
      '',
      '',
      '',
      'aboveHighLimit -> withinLimits at 0',
    ]);
  });

  it('starts again when the failure changes its kind', () => {
    expect(transitions({ limits: [-50, 50], repetition: 2 }, speeds(60, -60, 60, -60, -60))).toEqual([
      '',
      '',
      '',
      '',
      'unchecked -> belowLowLimit at -60',
    ]);
  });

  it('starts again after a stale or an invalid sample, which trigger nothing and end nothing', () => {
    const monitor = { limits: [-50, 50], repetition: 2 };
    expect([
      transitions(monitor, speeds(60, undefined, 60, 60)),
      transitions(monitor, speeds(60, 500, 60, 60)),
      transitions(monitor, speeds(60, 60, undefined, 500, undefined)),
    ]).toEqual([
      ['', '', '', 'unchecked -> aboveHighLimit at 60'],
      ['', '', '', 'unchecked -> aboveHighLimit at 60'],
      ['', 'unchecked -> aboveHighLimit at 60', '', '', ''],
    ]);
  });

  it('goes on after an instant at which nothing arrived and the last sample is still fresh', () => {
    const seconds: Second[] = [
      { at: 0, values: { rw1_speed: 60 } },
      { at: 1, held: { rw1_speed: 60 } },
      { at: 2, values: { rw1_speed: 61 } },
    ];
    expect(transitions({ limits: [-50, 50], repetition: 2 }, seconds)).toEqual([
      '',
      '',
      'unchecked -> aboveHighLimit at 61',
    ]);
  });

  it('tells a near miss: a failure that was seen, but not often enough', () => {
    const compiled = program(
      ruleSet({ monitors: [{ id: 'm', parameter: 'rw1_speed', limits: [-50, 50], repetition: 3 }] }),
    );
    const steps = observeSeconds(compiled, speeds(60, 60, 0, 60, undefined, 0));
    expect(
      steps.map(({ nearMisses }) => nearMisses.map(({ count, needed }) => `${String(count)} of ${String(needed)}`)),
    ).toEqual([[], [], ['2 of 3'], [], [], []]);
  });
});

describe('expected-value check', () => {
  it('compares the whole value', () => {
    expect(transitions({ expected: 2 }, speeds(2, 3, 2))).toEqual([
      '',
      'expectedValue -> unexpectedValue at 3',
      'unexpectedValue -> expectedValue at 2',
    ]);
  });

  it('compares the bits of the mask only, beyond 32 bits too', () => {
    const mission = testMission({ parameters: [{ id: 'word' }] });
    const monitor = { parameter: 'word', expected: [{ value: 0x1_0000_0001, mask: 0x1_0000_000f }] };
    const words = [0x1_0000_0011, 0x0_0000_0001, 0x1_0000_0002];
    const seconds = words.map((word, at) => ({ at, values: { word } }));
    expect(transitions(monitor, seconds, mission)).toEqual([
      '',
      `expectedValue -> unexpectedValue at ${String(words[1])}`,
      '',
    ]);
  });
});

describe('delta check', () => {
  it('compares the change since the sample before', () => {
    expect(transitions({ delta: [-5, 5] }, speeds(0, 5, 11, 5, 5))).toEqual([
      '',
      '',
      'withinThreshold -> aboveHighThreshold at 6',
      'aboveHighThreshold -> belowLowThreshold at -6',
      'belowLowThreshold -> withinThreshold at 0',
    ]);
  });

  it.each([
    ['an angle from 359 to 0', 360, [359, 0, 20], ['', '', 'withinThreshold -> aboveHighThreshold at 20']],
    ['an angle from 0 to 359', 360, [0, 359], ['', '']],
    ['a counter of 16 bits', 65_536, [65_535, 2], ['', '']],
    ['an angle that turns too far', 360, [350, 20], ['', 'unchecked -> aboveHighThreshold at 30']],
  ])('%s is the shorter way round where the parameter has a modulus', (_what, modulus, values, expected) => {
    const { parameters, ...mission } = testMission();
    const rolling = parameters.map((one) =>
      one.id === 'rw1_speed' ? { ...one, modulus, valid: [0, modulus] as const } : one,
    );
    expect(transitions({ delta: [-5, 5] }, speeds(...values), { ...mission, parameters: rolling })).toEqual(expected);
  });

  it('compares nothing across a silence', () => {
    expect(transitions({ delta: [-5, 5] }, speeds(0, undefined, 50, 51))).toEqual(['', '', '', '']);
  });
});

describe('score check', () => {
  const at = (second: number, score: number, share: number): Second => ({
    at: second,
    held: { rw1_speed: 0 },
    more: { scores: new Map([[Date.UTC(2026, 2, 1) + second * 1000, { score, shares: { rw1_speed: share } }]]) },
  });

  it('judges the share of a parameter once a window', () => {
    expect(transitions({ score: 0.5 }, [at(0, 1, 0.2), { at: 1, held: { rw1_speed: 0 } }, at(2, 1, 0.6)])).toEqual([
      '',
      '',
      'withinThreshold -> aboveHighThreshold at 0.6',
    ]);
  });

  it('judges the score of the window when it names no parameter', () => {
    const compiled = program(ruleSet({ monitors: [{ id: 'm', score: 10 }] }));
    const steps = observeSeconds(compiled, [at(0, 1, 0), at(2, 11, 0)]);
    expect(steps.map(({ checks }) => checks.map(short).join())).toEqual([
      '',
      'withinThreshold -> aboveHighThreshold at 11',
    ]);
  });
});

describe('cases by mode and condition', () => {
  const mission = testMission({ modes: { names: ['SLEW', 'HOLD'] } });
  const limits = [{ mode: 'SLEW', range: [-90, 90] }, { when: 'bus_v < 20', range: [-30, 30] }, { range: [-50, 50] }];
  const second = (at: number, speed: number, bus: number, mode?: string): Second => ({
    at,
    values: { rw1_speed: speed, bus_v: bus },
    ...(mode !== undefined && { mode }),
  });

  it('checks the first that applies, in the mode of that time', () => {
    const seconds = [
      second(0, 60, 28, 'SLEW'),
      second(1, 60, 10),
      second(2, 40, 28, 'HOLD'),
      second(3, 40, 10),
      second(4, 60, 28),
    ];
    expect(transitions({ limits }, seconds, mission)).toEqual(['', '', '', 'withinLimits -> aboveHighLimit at 40', '']);
  });

  it('is stale until the mode is known, and when what an earlier case asks is stale', () => {
    const seconds = [second(0, 95, 28), second(1, 95, 28, 'HOLD'), { at: 2, values: { rw1_speed: 0 } }];
    expect(transitions({ limits }, seconds, mission)).toEqual(['', 'unchecked -> aboveHighLimit at 95', '']);
  });

  it('takes the mode from a parameter when the mission says which', () => {
    const modes = { names: ['SLEW', 'HOLD'], parameter: { id: 'rw1_mode', values: { SLEW: 1, HOLD: 2 } } };
    const seconds = [1, 2].map((mode, at) => ({ at, values: { rw1_speed: 60, bus_v: 28, rw1_mode: mode } }));
    expect(transitions({ limits }, seconds, testMission({ modes }))).toEqual([
      '',
      'withinLimits -> aboveHighLimit at 60',
    ]);
  });

  it('is unchecked where no case applies, and says so of a failure that stood', () => {
    const only = [{ mode: 'SLEW', range: [-50, 50] }];
    const seconds = [second(0, 60, 28, 'SLEW'), second(1, 60, 28, 'HOLD'), second(2, 60, 28)];
    expect(transitions({ limits: only }, seconds, mission)).toEqual([
      'unchecked -> aboveHighLimit at 60',
      'aboveHighLimit -> unchecked at null',
      '',
    ]);
  });
});

describe('check validity condition', () => {
  const monitor = { limits: [-50, 50], validity: 'bus_v > 20' };
  const second = (at: number, speed: number, bus: number | undefined): Second => ({
    at,
    values: { rw1_speed: speed, ...(bus !== undefined && { bus_v: bus }) },
  });

  it('checks nothing while it does not hold, and keeps what is established while it cannot be judged', () => {
    const seconds = [
      second(0, 60, 10),
      second(1, 60, 28),
      second(2, 0, undefined),
      second(3, 60, 10),
      second(4, 60, 28),
    ];
    expect(transitions(monitor, seconds)).toEqual([
      '',
      'unchecked -> aboveHighLimit at 60',
      '',
      'aboveHighLimit -> unchecked at null',
      'unchecked -> aboveHighLimit at 60',
    ]);
  });
});

describe('functional monitor', () => {
  const compiled = program(
    ruleSet({
      monitors: ['bus_v', 'rw1_speed', 'rw2_speed'].map((parameter) => ({
        id: parameter.replaceAll('_', '-'),
        parameter,
        limits: parameter === 'bus_v' ? [20, 40] : [-50, 50],
      })),
      functionalMonitors: [
        { id: 'lost', equipment: 'rw1', severity: 'high', members: ['bus-v', 'rw1-speed', 'rw2-speed'], atLeast: 2 },
      ],
    }),
  );

  it('fails when enough members have failed, and says which', () => {
    const seconds = [
      { at: 0, values: { bus_v: 28, rw1_speed: 60, rw2_speed: 0 } },
      { at: 1, values: { bus_v: 28, rw1_speed: 60, rw2_speed: 60 } },
      { at: 2, values: { bus_v: 10, rw1_speed: 60, rw2_speed: 60 } },
      { at: 3, values: { bus_v: 28, rw1_speed: 0, rw2_speed: 60 } },
    ];
    const events = observeSeconds(compiled, seconds).map(({ monitorEvents }) => monitorEvents);
    expect(events).toEqual([
      [],
      [
        {
          type: 'monitor',
          time: '2026-03-01T00:00:01Z',
          monitor: 'lost',
          equipment: 'rw1',
          severity: 'high',
          from: 'running',
          to: 'failed',
          failing: ['rw1-speed', 'rw2-speed'],
          members: 3,
          atLeast: 2,
        },
      ],
      [],
      [expect.objectContaining({ from: 'failed', to: 'running', failing: ['rw2-speed'] })],
    ]);
  });

  it('says nothing while no member is checked', () => {
    expect(observeSeconds(compiled, [{ at: 0 }, { at: 1 }]).flatMap(({ monitorEvents }) => monitorEvents)).toEqual([]);
  });
});

describe('root cause', () => {
  const compiled = program(
    ruleSet({
      monitors: [
        { id: 'undervoltage', parameter: 'bus_v', limits: [20, 40], inhibits: ['rw1', 'rw2-fast'] },
        { id: 'rw1-fast', parameter: 'rw1_speed', limits: [-50, 50] },
        { id: 'rw2-fast', parameter: 'rw2_speed', limits: [-50, 50] },
      ],
    }),
  );

  it('marks the transitions that it explains, and not itself', () => {
    const [step] = observeSeconds(compiled, [{ at: 0, values: { bus_v: 10, rw1_speed: 60, rw2_speed: 60 } }]);
    expect(step?.checks.map(({ monitor, mutedBy }) => [monitor, mutedBy])).toEqual([
      ['undervoltage', undefined],
      ['rw1-fast', 'undervoltage'],
      ['rw2-fast', 'undervoltage'],
    ]);
  });
});

describe('persistence, whatever the results', () => {
  const results = ['withinLimits', 'aboveHighLimit', 'belowLowLimit', 'stale'] as const;

  it('establishes exactly what the last n equal results say, and stale clears the count', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...results), { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (sequence, fail, pass) => {
          let state: Persistence<string> = unestablished<string>('unchecked');
          let established = 'unchecked';
          sequence.forEach((result, index) => {
            const before = state;
            const step =
              result === 'stale' ? { state: clearCount(state) } : addResult(state, result, { fail, pass }, 'unchecked');
            state = step.state;
            const needed = isFailing(result) ? fail : pass;
            const last = sequence.slice(Math.max(0, index + 1 - needed), index + 1);
            const isRun = result !== 'stale' && last.length === needed && last.every((item) => item === result);
            if (isRun) established = result;
            expect(state.status).toBe(established);
            expect(state.count).toBeLessThan(Math.max(fail, pass));
            if (result === 'stale') expect([state.count, state.status]).toEqual([0, before.status]);
            const isReported = 'from' in step;
            expect(isReported).toBe(
              before.status !== state.status && !(before.status === 'unchecked' && !isFailing(result)),
            );
          });
        },
      ),
    );
  });
});
