import { parseYaml } from '../../src/config/yaml-document';
import { draftMission, type DraftOptions } from '../../src/core/onboarding/mission-draft';
import { SurveyCounter, type Survey } from '../../src/core/onboarding/survey';
import { missionSchema, type Mission } from '../../src/domain/mission';

const T0 = Date.parse('2026-03-01T00:00:00Z');
const PLAIN: DraftOptions = {
  spacecraft: 'SAT-1',
  isSpacecraftGuessed: false,
  renames: [],
  faults: ['offset', 'step'],
};

const surveyOf = (length: number, valueOf: (index: number) => Readonly<Record<string, number>>): Survey => {
  const counter = new SurveyCounter();
  counter.startRecording('pass.csv');
  for (let index = 0; index < length; index += 1) counter.take({ time: T0 + 1000 * index, values: valueOf(index) });
  return counter.result();
};

const draft = (survey: Survey, options: Partial<DraftOptions> = {}): { text: string; mission: Mission } => {
  const text = draftMission(survey, survey.periodMs ?? 0, { ...PLAIN, ...options });
  return { text, mission: parseYaml('draft', text, missionSchema).value };
};

/** Varies without a rhythm, one decimal. */
const wave = (index: number): number => Math.round(100 * Math.sin(index * index)) / 10;

test('a draft holds what was seen: period, equipment, units, ranges, kinds', () => {
  const survey = surveyOf(200, (index) => ({
    rw0_speed_rpm: wave(index),
    rw0_on: Math.floor(index / 5) % 2,
    rw1_speed_rpm: 100 + wave(index + 1),
    rw1_on: Math.floor(index / 4) % 2,
  }));
  expect(draft(survey).mission).toEqual({
    spacecraft: 'SAT-1',
    sampling: { periodMs: 1000, window: 16, stride: 4 },
    equipment: [
      { id: 'rw0', title: 'RW0' },
      { id: 'rw1', title: 'RW1' },
    ],
    parameters: [
      { id: 'rw0_speed_rpm', equipment: 'rw0', units: 'rpm', valid: [-210, 210], kind: 'periodic' },
      { id: 'rw0_on', equipment: 'rw0', kind: 'event' },
      { id: 'rw1_speed_rpm', equipment: 'rw1', units: 'rpm', valid: [-1100, 1300], kind: 'periodic' },
      { id: 'rw1_on', equipment: 'rw1', kind: 'event' },
    ],
  });
});

test('what teaches a model nothing is left out and told', () => {
  const survey = surveyOf(100, (index) => ({
    temp: wave(index),
    heater: index < 50 ? 0 : 1,
    spare: 0,
    packets: index,
  }));
  const { text, mission } = draft(survey);
  expect(mission.parameters.map(({ id }) => id)).toEqual(['temp']);
  expect(text.split('\n').filter((line) => line.startsWith('  # - '))).toEqual([
    '  # - { id: heater, kind: event } # 2 values from 0 to 1, 1 change',
    '  # - { id: spare } # always 0',
    '  # - { id: packets } # 0 to 99, median 50',
  ]);
});

describe('a flag that switched a few times only', () => {
  const idsOf = (valueOf: (index: number) => Readonly<Record<string, number>>): readonly string[] =>
    draft(surveyOf(800, valueOf)).mission.parameters.map(({ id }) => id);
  const isOn = (index: number): number => (index % 100 < 30 && index >= 100 ? 1 : 0);

  test('is watched if it sets the level of another parameter, and says of which', () => {
    const { text, mission } = draft(
      surveyOf(800, (index) => ({
        level: wave(index) + 40 * isOn(index),
        other: wave(index + 1),
        heater: isOn(index),
      })),
    );
    expect(mission.parameters.map(({ id }) => id)).toEqual(['level', 'other', 'heater']);
    expect(text).toContain(
      '  # CHECK it switched 14 times only, and is watched because level changes its level with it.\n  - { id: heater,',
    );
  });

  test('is watched if modes take turns, each with a level of its own', () => {
    const modeOf = (index: number): number => (index < 100 ? 0 : Math.floor(index / 50) % 2 === 0 ? 1 : 2);
    const turns = (index: number): number =>
      [0, 1, 0, 2, 1, 0, 2, 0, 1, 2, 0, 1, 0, 2, 0, 1][Math.floor(index / 50)] ?? 0;
    const levelOf = (mode: number): number => [0, 20, 55][mode] ?? 0;
    expect(
      idsOf((index) => ({
        level: wave(index) / 10 + levelOf(turns(index)),
        a: turns(index) === 1 ? 1 : 0,
        b: turns(index) === 2 ? 1 : 0,
        unrelated: modeOf(index + 17) === 1 ? 1 : 0,
      })),
    ).toEqual(['level', 'a', 'b']);
  });

  test.each<[string, (index: number) => Readonly<Record<string, number>>]>([
    ['if nothing follows it', (index) => ({ level: wave(index), heater: isOn(index) })],
    [
      'if the level shifted once, or went and came back',
      (index) => ({
        level: wave(index) + (index >= 300 && index < 500 ? 40 : 0),
        heater: index >= 300 && index < 500 ? 1 : 0,
      }),
    ],
    ['if the level only drifts', (index) => ({ level: wave(index) / 10 + index / 4, heater: isOn(index) })],
    [
      'if it was on for a moment at a time, though the level follows',
      (index) => ({ level: wave(index) + (index % 100 < 4 ? 60 : 0), heater: index % 100 < 4 ? 1 : 0 }),
    ],
  ])('is left out %s', (_title, valueOf) => {
    expect(idsOf(valueOf)).toEqual(['level']);
  });

  test('has the values of one recording only to be compared with', () => {
    const counter = new SurveyCounter();
    for (let pass = 0; pass < 8; pass += 1) {
      counter.startRecording(`${String(pass)}.csv`);
      for (let index = 0; index < 100; index += 1)
        counter.take({
          time: T0 + 1000 * (100 * pass + index),
          values: { level: wave(index) + 40 * (pass % 2), heater: pass % 2 },
        });
    }
    expect(draft(counter.result()).mission.parameters.map(({ id }) => id)).toEqual(['level']);
  });
});

test('when nothing else is there, what changed at all is watched', () => {
  const survey = surveyOf(100, (index) => ({ heater: index < 50 ? 0 : 1, spare: 0 }));
  expect(draft(survey).mission.parameters).toEqual([{ id: 'heater', kind: 'event' }]);
});

test('a slower parameter is held between its samples; one often missing is marked', () => {
  const survey = surveyOf(200, (index) => ({
    a: wave(index),
    b: wave(index + 1),
    ...(index % 10 === 0 ? { slow: wave(index) } : {}),
    ...(index % 7 === 0 ? {} : { gappy: wave(index) }),
  }));
  const { text, mission } = draft(survey);
  expect(mission.parameters.map(({ id, staleAfter }) => [id, staleAfter])).toEqual([
    ['a', undefined],
    ['b', undefined],
    ['slow', 25_000],
    ['gappy', undefined],
  ]);
  expect(text).toMatch(/CHECK often missing[^\n]*\n {2}- \{ id: gappy/);
});

test('a value sent on change only is an event parameter', () => {
  const times = [3, 4, 9, 17, 18, 40, 41, 60, 90, 91, 93, 110, 120, 121, 140, 150, 158, 170, 171, 180, 190, 195, 197];
  const survey = surveyOf(200, (index) => ({
    a: wave(index),
    ...(times.includes(index) ? { target: wave(index) } : {}),
  }));
  expect(draft(survey).mission.parameters.map(({ id, kind }) => [id, kind])).toEqual([
    ['a', 'periodic'],
    ['target', 'event'],
  ]);
});

test('a value that may stand for none is marked', () => {
  const survey = surveyOf(400, (index) => ({ a: index === 7 ? -9999 : wave(index) }));
  expect(draft(survey).text).toContain('# CHECK -9999 is far from all else');
});

test('too few windows for a fit are told beside window and stride', () => {
  const survey = surveyOf(30, (index) => ({ a: wave(index) }));
  expect(draft(survey, { windows: { usable: 3, fewest: 64 } }).text).toContain(
    '# CHECK window and stride: the recordings give 3 usable windows and a fit takes at least 64',
  );
  expect(draft(survey, { windows: { usable: 64, fewest: 64 } }).text).not.toContain('CHECK window');
});

test('names YAML would take for something else, and names from outside, stay text', () => {
  const survey = surveyOf(50, (index) => ({
    null: wave(index),
    no_a: wave(index + 1),
    no_b: wave(index + 2),
    on_a: wave(index + 3),
    on_b: wave(index + 4),
  }));
  const { mission } = draft(survey, { spacecraft: '2026', renames: [{ from: 'a\nb: [', to: 'a_b' }] });
  expect(mission.spacecraft).toBe('2026');
  expect(mission.parameters.map(({ id, equipment }) => [id, equipment])).toEqual([
    ['null', undefined],
    ['no_a', 'no'],
    ['no_b', 'no'],
    ['on_a', 'on'],
    ['on_b', 'on'],
  ]);
});
