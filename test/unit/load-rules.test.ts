import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkRules, loadRules } from '../../src/config/load-rules';
import { FdirError, formatProblem, type Problem } from '../../src/domain/errors';
import { missionSchema } from '../../src/domain/mission';
import { emptyRuleSet } from '../../src/domain/rules';

const folder = mkdtempSync(join(tmpdir(), 'rules-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** A rules file with one rule; `when` and `action` are YAML flow maps on lines 5 and 6. */
const oneRule = (id: string, when = '{}', action = '{ command: ACT }'): string =>
  [
    'eventActions:',
    `  - id: ${id}`,
    '    title: A rule',
    '    level: 2',
    `    when: ${when}`,
    `    action: ${action}`,
    '    because: A reason.',
    '',
  ].join('\n');

/** `file:line: path: message` of every problem, without the folder. */
const texts = (problems: readonly Problem[]): readonly string[] =>
  problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));

const problemsOf = (files: readonly string[]): readonly string[] => {
  try {
    loadRules(files);
  } catch (error) {
    if (error instanceof FdirError && error.code === 'config') return texts(error.problems);
    throw error;
  }
  return [];
};

describe('loading rules', () => {
  it('fills in what is left out', () => {
    const file = write('plain.yaml', oneRule('plain', '{ equipment: rw1, fault: [offset, step], duration: 2m }'));
    expect(loadRules([file]).eventActions).toEqual([
      {
        id: 'plain',
        title: 'A rule',
        level: 2,
        state: 'active',
        event: 'anomaly',
        on: ['opened', 'updated'],
        when: 'anomaly.equipment == "rw1" && anomaly.fault in ["offset", "step"] && anomaly.duration >= duration("120000ms")',
        match: { equipment: ['rw1'], fault: ['offset', 'step'], duration: 120_000 },
        authority: 'automatic',
        repetition: 1,
        cooldown: 600_000,
        oneShot: true,
        rearm: 'cooldown',
        priority: 0,
        inhibits: [],
        steps: [{ command: 'ACT', arguments: {}, expiry: 60_000 }],
        ladderKey: 'action',
        because: 'A reason.',
      },
    ]);
  });

  it('keeps the order of files and of rules in them', () => {
    const files = [write('b.yaml', oneRule('b')), write('a.yaml', oneRule('a'))];
    expect(loadRules(files).eventActions.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('hashes the contents in order, as `cat FILE... | sha256sum` does', () => {
    const [b, a] = [write('b.yaml', oneRule('b')), write('a.yaml', oneRule('a'))];
    const expected = createHash('sha256')
      .update(oneRule('b') + oneRule('a'))
      .digest('hex');
    expect([loadRules([b, a]).sha256 === expected, loadRules([a, b]).sha256 === expected]).toEqual([true, false]);
  });

  it('is an empty rule set when there is no file', () => {
    expect(loadRules([])).toMatchObject({ sha256: createHash('sha256').digest('hex'), eventActions: [] });
  });

  it('remembers file and line of every rule', () => {
    const file = write('two.yaml', oneRule('one') + oneRule('two').replace('eventActions:\n', ''));
    const { origins } = loadRules([file]);
    expect([
      origins?.get('one')?.locate([]),
      origins?.get('two')?.file,
      origins?.get('two')?.locate(['level']),
    ]).toEqual([{ line: 2, path: 'eventActions[0]' }, file, { line: 10, path: 'eventActions[1].level' }]);
  });

  it('reports every problem of every file at once, each with its line', () => {
    const files = [
      write('schema.yaml', oneRule('Not-Lower', '{ confidence: 2 }').replace('level: 2', 'level: 6')),
      write('keys.yaml', oneRule('good', '{ equipement: rw1 }', '{ command: act }')),
      write('syntax.yaml', 'eventActions: [\n'),
      join(folder, 'missing.yaml'),
    ];
    const problems = problemsOf(files);
    expect(problems.map((text) => text.split(' ')[0])).toEqual([
      'schema.yaml:2:',
      'schema.yaml:4:',
      'schema.yaml:5:',
      'keys.yaml:5:',
      'keys.yaml:6:',
      expect.stringMatching(/^syntax.yaml:\d:$/) as string,
      'missing.yaml:',
    ]);
    expect(problems[3]).toBe('keys.yaml:5: eventActions[0].when.equipement: unknown key');
  });

  it('refuses an id used twice, in one file or in two', () => {
    const twice = write('twice.yaml', oneRule('same') + oneRule('same').replace('eventActions:\n', ''));
    const again = write('again.yaml', oneRule('same'));
    expect(problemsOf([twice, again])).toEqual([
      'twice.yaml:8: eventActions[1].id: rule "same": the id is already used at twice.yaml:2',
      'again.yaml:2: eventActions[0].id: rule "same": the id is already used at twice.yaml:2',
    ]);
  });

  it('refuses a file without rules', () => {
    expect(problemsOf([write('empty.yaml', 'eventActions: []\n')])).toHaveLength(1);
  });
});

describe('checking rules against the mission', () => {
  const mission = missionSchema.parse({
    spacecraft: 'TEST-1',
    sampling: { period: '4s' },
    faults: ['offset'],
    parameters: [{ id: 'rw1_speed', equipment: 'rw1' }, { id: 'sun_angle' }],
  });
  const { faults: _, ...withoutFaults } = mission;

  const check = (when: string, action?: string, options: { on?: typeof mission; classes?: readonly string[] } = {}) =>
    texts(
      checkRules(
        loadRules([write('checked.yaml', oneRule('rule', when, action))]),
        options.on ?? mission,
        options.classes,
      ),
    );

  it('finds nothing in a rule that can work', () => {
    const when = '{ equipment: [rw1, unknown], fault: [offset, unknown], confidence: 0.5, confidenceBelow: 0.9 }';
    expect(
      check(when, "{ command: ACT, arguments: { a: '${equipment} ${fault} ${spacecraft}', b: 1, c: '$5' } }"),
    ).toEqual([]);
  });

  it('finds an equipment that the mission does not have', () => {
    expect(check('{ equipment: [rw1, rw9] }')).toEqual([
      'checked.yaml:5: eventActions[0].when.equipment[1]: rule "rule": no equipment is called "rw9" (there are rw1, unknown)',
    ]);
  });

  it('finds a fault class that neither the mission nor the model has', () => {
    expect(check('{ fault: [offset, rust] }', undefined, { classes: ['step'] })).toEqual([
      'checked.yaml:5: eventActions[0].when.fault[1]: rule "rule": no fault class is called "rust" (there are offset, step, unknown)',
    ]);
  });

  it('knows the fault classes of the model, also when the mission names none', () => {
    expect(check('{ fault: step }', undefined, { classes: ['step'] })).toEqual([]);
    expect(check('{ fault: offset }', undefined, { on: withoutFaults, classes: ['step'] })).toHaveLength(1);
  });

  it('does not check fault classes when nobody names any', () => {
    expect(check('{ fault: rust }', undefined, { on: withoutFaults })).toEqual([]);
  });

  it.each([
    ['empty', '{ confidence: 0.8, confidenceBelow: 0.7 }', 1],
    ['of no width', '{ confidence: 0.8, confidenceBelow: 0.8 }', 1],
    ['below nothing', '{ confidenceBelow: 0 }', 1],
    ['narrow', '{ confidence: 0.8, confidenceBelow: 0.81 }', 0],
    ['open below', '{ confidenceBelow: 0.1 }', 0],
    ['open above', '{ confidence: 1 }', 0],
  ])('judges a confidence band that is %s', (_name, when, count) => {
    expect(check(when)).toHaveLength(count);
  });

  it('names the line of an impossible confidence band', () => {
    expect(check('{ confidence: 0.8, confidenceBelow: 0.7 }')).toEqual([
      'checked.yaml:5: eventActions[0].when.confidenceBelow: rule "rule": can never fire: no confidence is at least 0.8 and below 0.7',
    ]);
  });

  it.each(['${wheel}', '${}', '${ equipment }', 'on ${equipment', '${constructor}'])(
    'finds the false placeholder in %s',
    (text) => {
      expect(check('{}', `{ command: ACT, arguments: { wheel: '${text}' } }`)).toEqual([
        expect.stringMatching(
          /^checked.yaml:6: eventActions\[0\].action.arguments.wheel: rule "rule": "\$\{.*" is not a placeholder/,
        ),
      ]);
    },
  );

  it('checks rules that come from no file, naming the rule', () => {
    const { eventActions } = loadRules([write('checked.yaml', oneRule('rule', '{ equipment: rw9 }'))]);
    expect(checkRules({ ...emptyRuleSet, eventActions }, mission)).toEqual([
      { message: 'rule "rule": no equipment is called "rw9" (there are rw1, unknown)' },
    ]);
  });

  it('reports every problem of every rule', () => {
    const file = write(
      'many.yaml',
      oneRule('one', '{ equipment: [x, y], fault: z, confidenceBelow: 0 }') +
        oneRule('two', '{ fault: z }').replace('eventActions:\n', ''),
    );
    expect(
      checkRules(loadRules([file]), mission).map(({ file: at, line }) => `${basename(at ?? '')}:${String(line)}`),
    ).toEqual(['many.yaml:5', 'many.yaml:5', 'many.yaml:5', 'many.yaml:5', 'many.yaml:11']);
  });
});
