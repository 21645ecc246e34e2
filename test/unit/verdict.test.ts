import fc from 'fast-check';
import { NOMINAL, UNKNOWN, verdictSchema } from '../../src/domain/explanation';
import {
  addEvidence,
  fusedPosterior,
  jointPosterior,
  verdictEquipment,
  verdictFaults,
  verdictOf,
} from '../../src/core/anomaly/verdict';
import { trackerManifest } from '../support/scored-windows';

const shared = trackerManifest({ equipment: ['rw0', 'rw1'], faults: ['offset', 'step'] });
const paper = trackerManifest({ equipment: ['rw0', 'rw1', 'rw2'], faults: ['offset', 'step'], paper: true });
const round = (values: ArrayLike<number>): number[] => Array.from(values, (value) => Math.round(value * 1e9) / 1e9);

describe('the joint posterior', () => {
  test('of a peephole shared by the equipments leaves nominal out and renormalises over all equipments', () => {
    // Rows [nominal, offset, step, unknown].
    const posterior = [0.2, 0.6, 0.1, 0.1, 0.8, 0, 0.15, 0.05];
    expect(round(jointPosterior(shared, [posterior]))).toEqual([0.6, 0.1, 0.1, 0, 0.15, 0.05]);
  });

  test('of whole-window tasks is the product of fault and equipment, nominal left out of both', () => {
    const fault = [0.5, 0.3, 0.1, 0.1];
    const equipment = [0.2, 0.4, 0.4, 0];
    expect(round(jointPosterior(paper, [fault, equipment]))).toEqual(round([0.3, 0.1, 0.1, 0.3, 0.1, 0.1, 0, 0, 0]));
  });

  test('of a window that is nominal beyond float32 is even over everything, not a division by zero', () => {
    expect(round(jointPosterior(shared, [[1, 0, 0, 0, 1, 0, 0, 0]]))).toEqual(
      round([1, 1, 1, 1, 1, 1].map((v) => v / 6)),
    );
    expect(round(jointPosterior(shared, [new Array<number>(8).fill(NaN)]))).toEqual(
      round([1, 1, 1, 1, 1, 1].map((v) => v / 6)),
    );
  });

  test('of a mission without equipment has the one row of the nameless equipment', () => {
    const manifest = trackerManifest({ equipment: [] });
    expect(verdictEquipment(manifest)).toEqual([UNKNOWN]);
    expect(round(jointPosterior(manifest, [[0.5, 0.25, 0.25, 0]]))).toEqual([0.5, 0.5, 0]);
  });

  test('of whole-window tasks with one equipment needs no equipment task', () => {
    const one = trackerManifest({ equipment: ['rw0'], paper: true });
    const manifest = { ...one, tasks: one.tasks.filter(({ name }) => name === 'fault') };
    expect(round(jointPosterior(manifest, [[0.5, 0.4, 0, 0.1]]))).toEqual([0.8, 0, 0.2]);
  });

  test('does not depend on where nominal stands among the classes', () => {
    const [task] = shared.tasks;
    if (task === undefined) throw new Error('no task');
    const turned = { ...shared, tasks: [{ ...task, classes: ['offset', NOMINAL, UNKNOWN, 'step'] }] };
    expect(verdictFaults(turned)).toEqual(['offset', UNKNOWN, 'step']);
    expect(round(jointPosterior(turned, [[0.6, 0.2, 0.1, 0.1, 0, 0.8, 0.05, 0.15]]))).toEqual([
      0.6, 0.1, 0.1, 0, 0.05, 0.15,
    ]);
  });

  test('a package without the verdict task, or without its posterior, is a program error', () => {
    expect(() => jointPosterior({ ...shared, verdictTask: 'colour' }, [[1]])).toThrow(
      'the manifest has no task "colour"',
    );
    expect(() => jointPosterior(shared, [])).toThrow('the posteriors do not match the manifest');
  });

  test('always sums to one', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }), (posterior) => {
        const joint = jointPosterior(shared, [posterior]);
        expect(joint).toHaveLength(6);
        expect(joint.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});

describe('fusing windows', () => {
  test('is their mean, older ones fading', () => {
    const [a, b] = [Float64Array.of(1, 0), Float64Array.of(0, 1)];
    const evidence = addEvidence(addEvidence(undefined, a, 0.5), b, 0.5);
    expect([...evidence]).toEqual([0.5, 1]);
    expect(round(fusedPosterior(evidence))).toEqual(round([1 / 3, 2 / 3]));
  });

  test('leaves what it was given as it was', () => {
    const [gathered, joint] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
    addEvidence(gathered, joint, 0.9);
    fusedPosterior(gathered);
    expect([[...gathered], [...joint]]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('a single odd window cannot veto what many say', () => {
    let evidence: Float64Array | undefined;
    for (let i = 0; i < 20; i += 1) evidence = addEvidence(evidence, Float64Array.of(0.9, 0.1), 0.97);
    evidence = addEvidence(evidence, Float64Array.of(0, 1), 0.97);
    expect(fusedPosterior(evidence)[0]).toBeGreaterThan(0.8);
  });
});

describe('the verdict', () => {
  test('is the likeliest pair of equipment and fault, with the next ones as alternatives', () => {
    expect(verdictOf(shared, Float64Array.of(0.62, 0.2, 0.03, 0.1, 0.045, 0.005), [1, 2])).toEqual({
      equipment: 'rw0',
      fault: 'offset',
      confidence: 0.62,
      alternatives: [
        { equipment: 'rw0', fault: 'step', confidence: 0.2 },
        { equipment: 'rw1', fault: 'offset', confidence: 0.1 },
        { equipment: 'rw1', fault: 'step', confidence: 0.045 },
      ],
    });
  });

  test('keeps three alternatives at most, and none below one per cent or named unknown', () => {
    const wide = trackerManifest({ equipment: ['rw0', 'rw1'], faults: ['a', 'b', 'c'] });
    const verdict = verdictOf(wide, Float64Array.of(0.6, 0.1, 0.09, 0.05, 0.08, 0.07, 0.009, 0.001), [1, 1]);
    expect(verdict.alternatives).toEqual([
      { equipment: 'rw0', fault: 'b', confidence: 0.1 },
      { equipment: 'rw0', fault: 'c', confidence: 0.09 },
      { equipment: 'rw1', fault: 'a', confidence: 0.08 },
    ]);
    expect(verdictOf(wide, Float64Array.of(0.985, 0.005, 0, 0.01, 0, 0, 0, 0), [1, 1]).alternatives).toEqual([]);
  });

  test('below the confidence floor the fault is unknown, and the equipment that holds most of the mass is named', () => {
    expect(verdictOf(shared, Float64Array.of(0.45, 0.3, 0.05, 0.1, 0.1, 0), [1, 9])).toEqual({
      equipment: 'rw0',
      fault: UNKNOWN,
      confidence: 0.8,
      alternatives: [
        { equipment: 'rw0', fault: 'offset', confidence: 0.45 },
        { equipment: 'rw0', fault: 'step', confidence: 0.3 },
        { equipment: 'rw1', fault: 'offset', confidence: 0.1 },
      ],
    });
  });

  test('below the floor the equipment is the one with most mass over all its faults, not the one with the likeliest fault', () => {
    expect(verdictOf(shared, Float64Array.of(0.4, 0, 0, 0.2, 0.2, 0.2), [9, 1])).toMatchObject({
      equipment: 'rw1',
      fault: UNKNOWN,
      confidence: 0.6,
    });
  });

  test('exactly at the floor the fault is named', () => {
    expect(verdictOf(shared, Float64Array.of(0.5, 0.2, 0, 0.3, 0, 0), [1, 1]).fault).toBe('offset');
    expect(verdictOf(shared, Float64Array.of(0.4999, 0.2, 0, 0.3001, 0, 0), [1, 1]).fault).toBe(UNKNOWN);
  });

  test('when unknown outweighs the best fault, over all equipments together, the fault is unknown', () => {
    const low = { ...shared, calibration: { ...shared.calibration, confidenceFloor: 0.2 } };
    expect(verdictOf(low, Float64Array.of(0.45, 0, 0.3, 0, 0, 0.25), [1, 1])).toMatchObject({
      equipment: 'rw0',
      fault: UNKNOWN,
      confidence: 0.75,
    });
    expect(verdictOf(low, Float64Array.of(0.45, 0.15, 0.2, 0, 0, 0.2), [1, 1])).toMatchObject({
      equipment: 'rw0',
      fault: 'offset',
    });
  });

  test('when no equipment holds half of the mass, the one whose parameters carry the score is named', () => {
    const three = trackerManifest({ equipment: ['rw0', 'rw1', 'rw2'], faults: ['offset'] });
    const diffuse = Float64Array.of(0.4, 0, 0.35, 0, 0.25, 0);
    expect(verdictOf(three, diffuse, [1, 1, 5])).toEqual({
      equipment: 'rw2',
      fault: UNKNOWN,
      confidence: 0.25,
      alternatives: [
        { equipment: 'rw0', fault: 'offset', confidence: 0.4 },
        { equipment: 'rw1', fault: 'offset', confidence: 0.35 },
        { equipment: 'rw2', fault: 'offset', confidence: 0.25 },
      ],
    });
  });

  describe('of a package with conformal sets', () => {
    const withSets = { ...shared, calibration: { ...shared.calibration, set: { coverage: 0.9, level: 0.2 } } };

    test('holds every known class at or above the level, likeliest first', () => {
      expect(verdictOf(withSets, Float64Array.of(0.3, 0.05, 0.04, 0.2, 0.41, 0), [1, 1]).set).toEqual([
        { equipment: 'rw1', fault: 'step', probability: 0.41 },
        { equipment: 'rw0', fault: 'offset', probability: 0.3 },
        { equipment: 'rw1', fault: 'offset', probability: 0.2 },
      ]);
    });

    test('holds what the verdict names, also below the level', () => {
      const strict = { ...shared, calibration: { ...shared.calibration, set: { coverage: 0.9, level: 0.9 } } };
      expect(verdictOf(strict, Float64Array.of(0.6, 0.2, 0.05, 0.1, 0.05, 0), [1, 1])).toMatchObject({
        fault: 'offset',
        set: [{ equipment: 'rw0', fault: 'offset', probability: 0.6 }],
      });
    });

    test('has an empty set when no known class reaches the level, also beside a sure unknown', () => {
      expect(verdictOf(withSets, Float64Array.of(0.1, 0, 0.7, 0.1, 0.1, 0), [1, 9])).toEqual({
        equipment: 'rw0',
        fault: UNKNOWN,
        confidence: 0.7,
        alternatives: [
          { equipment: 'rw0', fault: 'offset', confidence: 0.1 },
          { equipment: 'rw1', fault: 'offset', confidence: 0.1 },
          { equipment: 'rw1', fault: 'step', confidence: 0.1 },
        ],
        set: [],
      });
    });

    test('says of unknown how likely just that is, not how likely the equipment is', () => {
      expect(verdictOf(withSets, Float64Array.of(0.4, 0.2, 0.1, 0.1, 0.1, 0.1), [1, 9])).toMatchObject({
        equipment: 'rw0',
        fault: UNKNOWN,
        confidence: 0.1,
      });
    });

    test('older packages have none', () => {
      expect(verdictOf(shared, Float64Array.of(0.6, 0.4, 0, 0, 0, 0), [1, 1])).not.toHaveProperty('set');
    });
  });

  test('of a mission without equipment names the fault of the nameless equipment', () => {
    const manifest = trackerManifest({ equipment: [] });
    expect(verdictOf(manifest, Float64Array.of(0.7, 0.2, 0.1), [3])).toEqual({
      equipment: UNKNOWN,
      fault: 'offset',
      confidence: 0.7,
      alternatives: [{ equipment: UNKNOWN, fault: 'step', confidence: 0.2 }],
    });
  });

  test('is a valid record whatever the posterior, and never more sure than one', () => {
    const weights = fc
      .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
      .filter((all) => all.some((v) => v > 0));
    fc.assert(
      fc.property(
        weights,
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 2 }),
        (all, scores) => {
          const joint = fusedPosterior(Float64Array.from(all));
          const verdict = verdictOf(shared, joint, scores);
          expect(verdictSchema.parse(verdict)).toEqual(verdict);
          expect(shared.equipment).toContain(verdict.equipment);
          const best = Math.max(...[0, 1, 3, 4].map((i) => joint[i] ?? 0));
          const unknown = (joint[2] ?? 0) + (joint[5] ?? 0);
          expect(verdict.fault === UNKNOWN).toBe(best < 0.5 || best < unknown);
          if (verdict.fault !== UNKNOWN) expect(verdict.confidence).toBeCloseTo(best, 4);
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });
});
