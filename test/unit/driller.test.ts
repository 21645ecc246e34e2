import { createRandom } from '../../src/core/random';
import {
  addUnknown,
  calibrateTemperature,
  drillerCalibration,
  empiricalTable,
  fitPooledMixtures,
  fitSharedMixture,
  goldenSection,
  meanCalibration,
  posteriorOf,
  withUnknown,
  type Driller,
  type LabelledVectors,
} from '../../src/fit/driller';
import { componentOf, fitMixture, logDensity, type MixtureSettings } from '../../src/fit/math/mixture';
import { denseOf, drawGaussian, gaussianLogDensity, largestDifference, rowsOf } from '../support/plain-algebra';

const SETTINGS: MixtureSettings = { components: 1, covariance: 'full', floor: 1e-6, iterations: 20, starts: 1 };

/** Three classes in the plane; labels interleaved. */
const CLASSES = [
  {
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  {
    mean: [3, 0],
    covariance: [
      [0.5, 0.3],
      [0.3, 1],
    ],
  },
  {
    mean: [0, 4],
    covariance: [
      [1, -0.4],
      [-0.4, 0.6],
    ],
  },
];

const draw = (perClass: number, seed: number) => {
  const own = CLASSES.map(({ mean, covariance }, label) =>
    drawGaussian(createRandom(seed + label), mean, covariance, perClass),
  );
  const rows: Float64Array[] = [];
  const labels: number[] = [];
  for (let i = 0; i < perClass; i += 1) {
    own.forEach((points, label) => {
      rows.push(Float64Array.from(points[i] ?? []));
      labels.push(label);
    });
  }
  return { rows, labels };
};

const softmax = (logs: readonly number[]): number[] => {
  const most = Math.max(...logs);
  const all = logs.map((value) => Math.exp(value - most));
  const total = all.reduce((a, b) => a + b, 0);
  return all.map((value) => value / total);
};

/** A normal mixture for each class, all classes alike: the posterior is then known in closed form. */
const classMixtures = ({ rows, labels }: LabelledVectors, settings: MixtureSettings): Driller => {
  const owned = CLASSES.flatMap((_, label) =>
    fitMixture(
      rows.filter((_row, index) => labels[index] === label),
      settings,
      createRandom(9).fork(`class-${String(label)}`),
    ).map((component) => ({ label, component })),
  );
  return {
    components: owned.map(({ component }) => ({ ...component, offset: component.offset - Math.log(CLASSES.length) })),
    table: denseOf(owned.map(({ label }) => CLASSES.map((_, index) => (index === label ? 1 : 0)))),
    temperature: 1,
  };
};

describe('mixtures with a pooled spread', () => {
  const POOLED = { components: 1, floor: 1e-6, iterations: 20, starts: 1 };
  const pooled = ({ rows, labels }: LabelledVectors): Driller =>
    fitPooledMixtures({ rows, labels, variants: rows.map(() => 0) }, 3, POOLED, createRandom(9));

  test('give every component to one class', () => {
    const driller = pooled(draw(200, 1));
    expect(rowsOf(driller.table)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect([driller.temperature, driller.unknown, driller.tail]).toEqual([1, undefined, 8]);
  });

  test('a class of few windows weighs as much as one of many', () => {
    const { rows, labels } = draw(1500, 1);
    const kept = labels.flatMap((label, i) => (label === 1 && i % 10 !== 1 ? [] : [i]));
    const uneven = pooled({
      rows: kept.map((i) => rows[i] ?? new Float64Array(2)),
      labels: kept.map((i) => labels[i] ?? 0),
    });
    expect(
      largestDifference(posteriorOf(uneven, [1.5, 0.2]), posteriorOf(pooled({ rows, labels }), [1.5, 0.2])),
    ).toBeLessThan(0.05);
  });

  test('a class of three windows stands beside classes of hundreds, with their spread', () => {
    const { rows, labels } = draw(400, 1);
    const kept = labels.flatMap((label, i) => (label === 2 && i > 9 ? [] : [i]));
    const driller = fitPooledMixtures(
      {
        rows: kept.map((i) => rows[i] ?? new Float64Array(2)),
        labels: kept.map((i) => labels[i] ?? 0),
        variants: kept.map(() => 0),
      },
      3,
      { components: 1, floor: 1e-6, iterations: 20, starts: 1 },
      createRandom(9),
    );
    const { rows: unseen, labels: truth } = draw(100, 77);
    const right = unseen.filter((row, i) => {
      const posterior = posteriorOf(driller, row);
      return truth[i] === 2 && posterior[2] === Math.max(...posterior);
    });
    expect(right.length).toBeGreaterThan(80);
  });
});

describe('posteriors', () => {
  const { rows, labels } = draw(300, 4);
  const plain = classMixtures({ rows, labels }, { ...SETTINGS, components: 2 });
  const points = drawGaussian(
    createRandom(5),
    [1, 1],
    [
      [9, 0],
      [0, 9],
    ],
    50,
  );

  const unknown = componentOf(0.01, Float64Array.of(1, 1), Float64Array.of(20, 0, 0, 20), 2);

  test('are those of Bayes with equal priors', () => {
    const many = draw(1500, 1);
    const driller = classMixtures(many, SETTINGS);
    [
      [0, 0],
      [1.5, 0.2],
      [1, 1.9],
      [4, 4],
    ].forEach((x) => {
      const truth = softmax(CLASSES.map(({ mean, covariance }) => gaussianLogDensity(mean, covariance, x)));
      expect(largestDifference(posteriorOf(driller, x), truth)).toBeLessThan(0.05);
    });
  });

  test('sum to one and hold no negative', () => {
    [plain, { ...plain, unknown }, { ...plain, temperature: 3, unknown, tail: 8 }].forEach((driller) => {
      points.forEach((x) => {
        const posterior = posteriorOf(driller, x);
        expect(posterior.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        expect(Math.min(...posterior)).toBeGreaterThanOrEqual(0);
      });
    });
  });

  test('far from everything the answer is still a number without an unknown, and unknown with one', () => {
    expect(posteriorOf(plain, [1e3, -1e3]).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(posteriorOf({ ...plain, unknown }, [1e3, -1e3]).at(-1)).toBeCloseTo(1, 9);
  });

  test('components with a tail never make the unknown certain, however far the corevector lies', () => {
    const far = [1e2, 1e4, 1e6].map((r) => posteriorOf({ ...plain, unknown, tail: 8 }, [r, -r]).at(-1) ?? NaN);
    expect(Math.min(...far)).toBeGreaterThan(0.5);
    expect(Math.max(...far)).toBeLessThan(0.99999);
  });

  test('the unknown is one more component', () => {
    const driller: Driller = { ...plain, unknown };
    points.slice(0, 10).forEach((x) => {
      const logs = [...plain.components, unknown].map((component) => logDensity(component, x));
      const q = softmax(logs);
      const expected = [0, 1, 2].map((c) =>
        q.slice(0, -1).reduce((sum, value, k) => sum + value * (plain.table.data[k * 3 + c] ?? NaN), 0),
      );
      expect(largestDifference(posteriorOf(driller, x), [...expected, q.at(-1) ?? NaN])).toBeLessThan(1e-12);
    });
  });

  test('a higher temperature is less sure, and names the same class', () => {
    const hot = {
      ...plain,
      components: plain.components.filter((_, k) => k % 2 === 0),
      table: denseOf([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
    };
    points.forEach((x) => {
      const [cold, warm] = [posteriorOf(hot, x), posteriorOf({ ...hot, temperature: 4 }, x)];
      expect(warm.indexOf(Math.max(...warm))).toBe(cold.indexOf(Math.max(...cold)));
      expect(Math.max(...warm)).toBeLessThanOrEqual(Math.max(...cold) + 1e-12);
    });
  });
});

describe('the empirical table', () => {
  const components = fitSharedMixture(draw(500, 6).rows, { ...SETTINGS, components: 3, starts: 3 }, createRandom(2));

  test('holds the share of each class among the windows of a component', () => {
    const { rows, labels } = draw(400, 7);
    const table = rowsOf(empiricalTable(components, rows, labels, 3));
    const q = rows.map((row) => softmax(components.map((component) => logDensity(component, row))));
    const expected = components.map((_, k) => {
      const mass = [0, 1, 2].map((c) => q.reduce((sum, each, i) => sum + (labels[i] === c ? (each[k] ?? NaN) : 0), 0));
      const total = mass.reduce((a, b) => a + b, 0);
      return mass.map((value) => value / total);
    });
    expect(largestDifference(table.flat(), expected.flat())).toBeLessThan(1e-9);
    // Separated classes: each component is mostly of one.
    expect(table.map((row) => Math.max(...row)).every((most) => most > 0.7)).toBe(true);
  });

  test('a component that no window visits says nothing', () => {
    const lonely = { ...components[0], mean: Float64Array.of(1e4, 1e4) };
    const { rows, labels } = draw(20, 8);
    const [first] = components;
    if (first === undefined) throw new Error('no component');
    const table = rowsOf(empiricalTable([first, { ...first, ...lonely }], rows, labels, 4));
    expect(table[1]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(table[0]?.[3]).toBe(0);
  });
});

describe('calibration', () => {
  const learn = draw(400, 10);
  const held = draw(400, 20);
  const fitted = classMixtures(learn, SETTINGS);
  const loss = (driller: Driller): number =>
    held.rows.reduce((sum, row, i) => sum - Math.log(posteriorOf(driller, row)[held.labels[i] ?? 0] ?? NaN), 0) /
    held.rows.length;

  test('finds the temperature under which the true classes are likeliest', () => {
    const { temperature } = calibrateTemperature(fitted, held.rows, held.labels);
    const at = (factor: number): number => loss({ ...fitted, temperature: temperature * factor });
    expect(at(1)).toBeLessThan(at(0.9));
    expect(at(1)).toBeLessThan(at(1.1));
    // The mixtures are the truth here.
    expect(temperature).toBeGreaterThan(0.7);
    expect(temperature).toBeLessThan(1.4);
  });

  test('takes back the confidence of a driller that is too sure of itself', () => {
    // Densities to the third power: responsibilities three times too sharp.
    const sure: Driller = {
      ...fitted,
      components: fitted.components.map((component) => ({
        ...component,
        root: component.root.map((v) => Math.sqrt(3) * v),
        offset: 3 * component.offset,
      })),
    };
    const { temperature } = calibrateTemperature(sure, held.rows, held.labels);
    const honest = calibrateTemperature(fitted, held.rows, held.labels).temperature;
    expect(temperature / honest).toBeCloseTo(3, 1);
  });

  test('the unknown takes hardly any known window, and most of a class that was left out', () => {
    const driller = addUnknown(fitted, held.rows, held.labels);
    const isUnknown = (of: Driller, row: Float64Array): boolean => (posteriorOf(of, row).at(-1) ?? NaN) > 0.5;
    expect(held.rows.filter((row) => isUnknown(driller, row)).length / held.rows.length).toBeLessThan(0.03);
    const kept = fitted.components.flatMap((_, k) => (fitted.table.data[k * 3 + 2] === 1 ? [] : [k]));
    const without: Driller = {
      ...driller,
      components: kept.flatMap((k) => fitted.components[k] ?? []),
      table: denseOf(kept.map((k) => [...fitted.table.data.slice(3 * k, 3 * k + 3)])),
    };
    const novel = held.rows.filter((_, i) => held.labels[i] === 2);
    expect(novel.filter((row) => isUnknown(without, row)).length / novel.length).toBeGreaterThan(0.5);
  });

  test('keeps components and table', () => {
    const driller = addUnknown(calibrateTemperature(fitted, held.rows, held.labels), held.rows, held.labels);
    expect([driller.components, driller.table]).toEqual([fitted.components, fitted.table]);
  });

  test('with nothing to calibrate on it changes nothing', () => {
    expect(addUnknown(calibrateTemperature(fitted, [], []), [], [])).toEqual(fitted);
  });
});

test.each([-0.7, 0, 1.3, 2.9])('golden section finds the least value of a bowl at %f', (lowest) => {
  expect(goldenSection((x) => (x - lowest) ** 2, -1, 3)).toBeCloseTo(lowest, 5);
});

test('golden section ends at the border when the function falls all the way', () => {
  expect(goldenSection((x) => -x, 0, 2)).toBeCloseTo(2, 5);
  expect(goldenSection((x) => x, 0, 2)).toBeCloseTo(0, 5);
});

describe('a calibration that is taken over', () => {
  test('is the middle of those at all turns: geometric for temperatures, plain for log weights', () => {
    expect(meanCalibration([])).toBeUndefined();
    const mean = meanCalibration([
      { temperature: 2, unknown: -3 },
      { temperature: 8, unknown: -1 },
      { temperature: 4 },
    ]);
    expect(mean?.temperature).toBeCloseTo(4, 10);
    expect(mean?.unknown).toBe(-2);
    expect(meanCalibration([{ temperature: 3 }])?.unknown).toBeUndefined();
  });

  test('gives the driller that it was read from', () => {
    const { rows, labels } = draw(40, 11);
    const random = createRandom(11);
    const variants = labels.map(() => 0);
    const plain = fitPooledMixtures(
      { rows, labels, variants },
      3,
      { components: 1, floor: 0.02, iterations: 10, starts: 1 },
      random,
    );
    const heated = calibrateTemperature(plain, rows, labels);
    const calibrated = addUnknown(heated, rows, labels);
    const { temperature, unknown } = drillerCalibration(calibrated);
    const again = withUnknown({ ...plain, temperature }, rows, unknown ?? NaN);
    for (const row of rows.slice(0, 10))
      expect(largestDifference([...posteriorOf(again, row)], [...posteriorOf(calibrated, row)])).toBeLessThan(1e-9);
  });
});
