import fc from 'fast-check';
import { parseYaml } from '../../src/config/yaml-document';
import { draftMission } from '../../src/core/onboarding/mission-draft';
import { SurveyCounter } from '../../src/core/onboarding/survey';
import { missionSchema } from '../../src/domain/mission';

const T0 = Date.parse('2026-03-01T00:00:00Z');

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const coarse = fc.integer({ min: -3, max: 20 });
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,8}$/);
/** Rows of equal length, a name a column; cells may be missing. */
const tables = fc.uniqueArray(name, { minLength: 1, maxLength: 6 }).chain((names) =>
  fc.record({
    names: fc.constant(names),
    rows: fc.array(
      fc.array(fc.option(fc.oneof(finite, coarse), { nil: undefined }), {
        minLength: names.length,
        maxLength: names.length,
      }),
      { minLength: 2, maxLength: 60 },
    ),
    stepMs: fc.integer({ min: 1, max: 100_000_000 }),
  }),
);

test('of any table of finite numbers the draft parses, and every value seen is valid', () => {
  fc.assert(
    fc.property(tables, ({ names, rows, stepMs }) => {
      const counter = new SurveyCounter();
      counter.startRecording('pass.csv');
      const seen = new Map<string, number[]>();
      rows.forEach((row, index) => {
        const cells = names.flatMap((id, column) => {
          const value = row[column];
          return value === undefined ? [] : [[id, value] as const];
        });
        for (const [id, value] of cells) seen.set(id, [...(seen.get(id) ?? []), value]);
        counter.take({ time: T0 + stepMs * index, values: Object.fromEntries(cells) });
      });
      const survey = counter.result(stepMs);
      // Nothing varies: `fdir init` refuses such recordings before it drafts anything.
      fc.pre(survey.parameters.some(({ changes }) => changes > 0));
      const text = draftMission(survey, stepMs, {
        spacecraft: 'SAT',
        isSpacecraftGuessed: true,
        renames: [],
        faults: ['offset'],
      });
      const mission = parseYaml('draft', text, missionSchema).value;
      expect(mission.sampling.periodMs).toBe(stepMs);
      for (const { id, valid } of mission.parameters)
        for (const value of seen.get(id) ?? []) {
          if (valid === undefined) continue;
          expect(value).toBeGreaterThanOrEqual(valid[0]);
          expect(value).toBeLessThanOrEqual(valid[1]);
        }
    }),
    { numRuns: 300 },
  );
});
