import { createRandom } from '../../src/core/random';
import { FlagEffects } from '../../src/core/onboarding/flag-effects';

const SEED = 20261130;

/** A flag that switches ten times, and parameters that follow it by so many deviations, in order. */
const explainedBy = (follows: Readonly<Record<string, number>>): ReadonlyMap<string, string> => {
  const random = createRandom(SEED);
  const effects = new FlagEffects();
  effects.startRecording();
  for (let time = 0; time < 1000; time += 1) {
    const on = Math.floor(time / 100) % 2;
    const values = Object.entries(follows).map(([id, size]) => [id, size * on + random.normal()] as const);
    effects.take({ time, values: { ...Object.fromEntries(values), on } });
  }
  return effects.explained();
};

test(`a flag is explained by the parameter that it moves the most, not by the first (seed ${String(SEED)})`, () => {
  expect(explainedBy({ neighbour: 2, own: 9, other: 3 })).toEqual(new Map([['on', 'own']]));
});

test('a flag that moves nothing explains nothing', () => {
  expect(explainedBy({ neighbour: 0, other: 0.1 })).toEqual(new Map());
});
