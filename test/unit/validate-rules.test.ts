import { problemsOf, ruleSet, testMission } from '../support/rules-world';

const rules = (...eventActions: Record<string, unknown>[]) =>
  problemsOf(ruleSet({ eventActions: eventActions.map((rule, index) => ({ id: `r${String(index)}`, ...rule })) }));
const monitors = (...items: Record<string, unknown>[]) =>
  problemsOf(ruleSet({ monitors: items.map((item) => ({ id: 'm', parameter: 'rw1_speed', ...item })) }));
const stop = (wheel: unknown) => ({ steps: [{ command: 'STOP_WHEEL', arguments: { wheel } }] });
const onWheels = { when: 'anomaly.equipment in ["rw1", "rw2"]' };

describe('conditions', () => {
  it.each([
    ['an empty set of texts', 'anomaly.fault == "offset" && anomaly.fault == "step"'],
    ['an empty set by exclusion', 'anomaly.state == "open" && anomaly.state != "open"'],
    ['an empty interval', 'anomaly.confidence > 0.8 && anomaly.confidence < 0.7'],
    ['an open end', 'rw1_speed > 50.0 && rw1_speed <= 50.0'],
    ['beyond the bounds of confidence', 'anomaly.confidence > 1'],
    ['beyond the valid range', 'rw1_speed > 100'],
    ['beyond the valid range, by another spelling', 'tm["rw1_speed"] > 100.0'],
    ['a negative duration', 'anomaly.duration < duration("0s")'],
    ['a contradiction of opaque parts', '(rw1_speed > rw2_speed) && !(rw1_speed > rw2_speed)'],
    ['behind negations', '!(anomaly.confidence < 0.9 || anomaly.confidence > 0.8)'],
    ['in both branches', 'bus_v > 20 ? anomaly.confidence > 2 : anomaly.confidence < 0'],
    ['a change the rule does not look at', 'anomaly.change == "closed"'],
    ['nothing', 'false'],
  ])('can never be true: %s', (_name, when) => {
    expect(rules({ when })).toEqual(['rule "r0": can never fire: its condition can never be true']);
  });

  it.each([
    'anomaly.fault == "offset" || anomaly.fault == "step"',
    'anomaly.fault in ["offset", "step"] && anomaly.fault != "step"',
    'anomaly.confidence >= 1',
    'rw1_speed >= 100',
    'rw1_speed > 50 && rw2_speed < 50',
    'bus_v > 20 ? anomaly.confidence > 2 : true',
    'anomaly.confidence < 0.5 || rw1_speed != 3',
  ])('may be true: %s', (when) => {
    expect(rules({ when })).toEqual([]);
  });

  it('are read for every equipment they can be about', () => {
    const when = 'anomaly.equipment in ["rw1", "bus"] && ${equipment}_speed > 3';
    expect(rules({ when })).toEqual(['rule "r0": for bus: Unknown variable: bus_speed at character 40']);
  });

  it('of steps are checked too', () => {
    const step = { command: 'CALL', precondition: 'rw9 > 1', verify: 'mode > 3 within 60s', alreadyDone: 'rw1_speed' };
    expect(rules({ ...onWheels, steps: [step] })).toEqual([
      'rule "r0": Unknown variable: rw9 at character 1',
      'rule "r0": must be true or false, and is double',
      'rule "r0": no such overload: string > int at character 1',
    ]);
  });
});

describe('commands', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['undeclared', { command: 'EXPLODE' }, 'the mission declares no command "EXPLODE"'],
    ['without a needed argument', { command: 'STOP_WHEEL' }, 'STOP_WHEEL needs "wheel"'],
    [
      'with an argument whose name every object has',
      { command: 'CALL', arguments: { constructor: true } },
      'CALL has no argument "constructor" (it has reason)',
    ],
    [
      'with an unknown argument',
      { command: 'CALL', arguments: { loud: true } },
      'CALL has no argument "loud" (it has reason)',
    ],
    ['of the wrong type', { command: 'LIMIT', arguments: { wheel: 'rw1', rpm: 'x' } }, '"x" must be a whole number'],
    ['not whole', { command: 'LIMIT', arguments: { wheel: 'rw1', rpm: 1.5 } }, '1.5 must be a whole number'],
    ['out of range', { command: 'LIMIT', arguments: { wheel: 'rw1', rpm: 101 } }, '101 is outside 0 to 100'],
    ['none of the values', { command: 'STOP_WHEEL', arguments: { wheel: 'bus' } }, '"bus" is none of rw1, rw2'],
    [
      'no equipment',
      { command: 'START_WHEEL', arguments: { wheel: 'rw9' } },
      '"rw9" is no equipment (there are bus, rw1, rw2)',
    ],
    [
      'with a false placeholder',
      { command: 'CALL', arguments: { reason: '${wheel}' } },
      '"${wheel}" is not a placeholder (there are ${equipment}, ${fault}, ${spacecraft})',
    ],
  ])('%s', (_name, step, message) => {
    expect(rules({ ...onWheels, steps: [step] })).toEqual([`rule "r0": ${message}`]);
  });

  it('are checked for every value that a placeholder can have', () => {
    expect([rules({ ...onWheels, ...stop('${equipment}') }), rules({ when: 'true', ...stop('${equipment}') })]).toEqual(
      [[], ['rule "r0": "bus" is none of rw1, rw2', 'rule "r0": "unknown" is none of rw1, rw2']],
    );
  });

  it('are not checked when the mission declares none', () => {
    const { commands: _, ...mission } = testMission();
    expect(problemsOf(ruleSet({ eventActions: [{ id: 'r', when: 'true', ...stop('moon') }] }), mission)).toEqual([]);
  });
});

describe('rules against each other', () => {
  const start = { steps: [{ command: 'START_WHEEL', arguments: { wheel: '${equipment}' } }] };
  const limit = (rpm: number) => ({ steps: [{ command: 'LIMIT', arguments: { wheel: '${equipment}', rpm } }] });
  const sure = { when: 'anomaly.equipment in ["rw1", "rw2"] && anomaly.confidence >= 0.8' };
  const unsure = { when: 'anomaly.equipment in ["rw1", "rw2"] && anomaly.confidence < 0.8' };

  it('that command opposite things at once are found', () => {
    expect(rules({ ...onWheels, ...stop('${equipment}') }, { ...sure, ...start })).toEqual([
      'rule "r1": commands the opposite of rule "r0" for rw1, and both can hold at once: STOP_WHEEL and START_WHEEL are opposites',
    ]);
  });

  it('that command one thing with different arguments are found', () => {
    expect(rules({ ...onWheels, ...limit(10) }, { ...sure, ...limit(20) })).toEqual([
      'rule "r1": commands the opposite of rule "r0" for rw1, and both can hold at once: LIMIT with different arguments',
    ]);
  });

  it.each([
    ['they cannot hold at once', { ...sure, ...stop('${equipment}') }, { ...unsure, ...start }],
    [
      'they are about different equipments',
      { when: 'anomaly.equipment == "rw1"', ...stop('rw1') },
      { when: 'anomaly.equipment == "rw2"', ...start },
    ],
    [
      'one mutes the other',
      { ...onWheels, ...stop('${equipment}'), inhibits: ['r1'] },
      { ...sure, ...start, repetition: 2, priority: 5 },
    ],
    ['one is off', { ...onWheels, ...stop('${equipment}'), state: 'off' }, { ...sure, ...start }],
    [
      'they answer different events',
      { ...onWheels, ...stop('${equipment}') },
      { event: 'check', when: 'check.equipment == "rw1"', ...start },
    ],
  ])('may command opposite things when %s', (name, a, b) => {
    // A rule that is muted whenever it holds is another finding.
    expect(rules(a, b).filter((text) => text.includes('opposite'))).toEqual([]);
    expect(name).toBeTruthy();
  });

  it('that are muted whenever they hold are unreachable', () => {
    expect(rules({ ...onWheels, inhibits: ['r1'] }, sure)).toEqual([
      'rule "r1": is never reached: rule "r0" mutes it whenever it holds',
    ]);
  });

  it('that hold exactly when one before them does are unreachable', () => {
    const same = { when: '0.8 <= anomaly.confidence && (anomaly.equipment == "rw2" || anomaly.equipment == "rw1")' };
    expect([rules(sure, same), rules(sure, { ...same, priority: 1 }), rules(sure, { ...same, repetition: 2 })]).toEqual(
      [
        ['rule "r1": is never reached: rule "r0" holds exactly when it does and goes first'],
        ['rule "r0": is never reached: rule "r1" holds exactly when it does and goes first'],
        [],
      ],
    );
  });

  it('a step after one whose outcome nobody sees is unreachable', () => {
    const call = { command: 'CALL' };
    expect([
      rules({ ...onWheels, steps: [call, call] }),
      rules({ ...onWheels, steps: [{ ...call, verify: 'rw1_speed < 3 within 10s' }, call] }),
    ]).toEqual([
      ['rule "r0": is never reached: CALL before it has no "verify" and no acknowledgement that could fail'],
      [],
    ]);
  });

  it('an automatic rule needs a floor under its confidence, unless it calls the ground', () => {
    const automatic = { ...onWheels, authority: 'automatic' };
    expect([
      rules(automatic),
      rules({ ...automatic, level: 5 }),
      rules({ ...automatic, confidenceFloor: 0.8 }),
    ]).toEqual([['rule "r0": is automatic and has no "confidenceFloor"'], [], []]);
  });

  it('inhibit only what there is, and not themselves', () => {
    expect(rules({ ...onWheels, inhibits: ['r0', 'ghost', 'rw1'] })).toEqual([
      'rule "r0": cannot inhibit itself',
      'rule "r0": no rule, monitor or equipment is called "ghost"',
    ]);
  });
});

describe('monitors', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['unknown parameter', { parameter: 'rw9', limits: [0, 1] }, 'no parameter is called "rw9"'],
    [
      'unknown equipment',
      { equipment: 'rw9', limits: [0, 1] },
      'no equipment is called "rw9" (there are bus, rw1, rw2, unknown)',
    ],
    ['bad validity condition', { validity: 'rw9 > 1', limits: [0, 1] }, 'Unknown variable: rw9 at character 1'],
    [
      'a validity condition about an event',
      { validity: 'anomaly.confidence > 1', limits: [0, 1] },
      'Unknown variable: anomaly at character 1',
    ],
    ['bad case', { limits: [{ when: 'rw9 > 1', range: [0, 1] }] }, 'Unknown variable: rw9 at character 1'],
    [
      'a case after one that always applies',
      { limits: [{ range: [0, 1] }, { mode: 'X', range: [0, 2] }] },
      'is never tried: a case before it always applies',
    ],
  ])('%s', (_name, monitor, message) => {
    expect(monitors(monitor)).toEqual([`monitor "m": ${message}`]);
  });

  it('name modes of the mission', () => {
    const mission = testMission({ modes: { names: ['SLEW'] } });
    const set = ruleSet({ monitors: [{ id: 'm', parameter: 'bus_v', limits: [{ mode: 'SLEEP', range: [0, 1] }] }] });
    expect(problemsOf(set, mission)).toEqual(['monitor "m": no mode is called "SLEEP" (there are SLEW)']);
  });

  it('of a functional monitor must exist', () => {
    const set = ruleSet({ functionalMonitors: [{ id: 'f', members: ['ghost'] }] });
    expect(problemsOf(set)).toEqual(['monitor "f": no monitor is called "ghost"']);
  });

  it('have exactly one check, and a parameter', () => {
    expect(() => ruleSet({ monitors: [{ id: 'm', parameter: 'bus_v' }] })).toThrow('exactly one of');
    expect(() => ruleSet({ monitors: [{ id: 'm', parameter: 'bus_v', limits: [0, 1], delta: [0, 1] }] })).toThrow(
      'exactly one of',
    );
    expect(() => ruleSet({ monitors: [{ id: 'm', limits: [0, 1] }] })).toThrow('must name its \\"parameter\\"');
    expect(() => ruleSet({ functionalMonitors: [{ id: 'f', members: ['m'], atLeast: 2 }] })).toThrow(
      'more than there are members',
    );
  });
});
