import { createRandom } from '../../src/core/random';
import { FdirError } from '../../src/domain/errors';
import { deviationOf, meanSquare } from '../../src/fit/faults/block';
import { faultClasses, type FaultClass } from '../../src/domain/fault-classes';
import { fitFault } from '../../src/fit/faults/fit-fault';
import { randomRotation } from '../../src/fit/faults/random-rotation';
import { consecutiveBlocks, correlatedTelemetry } from '../support/correlated-telemetry';

const CHANNELS = 4;
const FRAMES = 16;
const BLOCKS = consecutiveBlocks(correlatedTelemetry(CHANNELS, 3200, 3), CHANNELS, 3200, FRAMES);
const NOMINAL = BLOCKS[11] ?? new Float64Array(0);
/** What faults are fitted on. */
const FITTED_ON = { blocks: BLOCKS, channels: CHANNELS, frames: FRAMES };
const NO_BLOCKS = { ...FITTED_ON, blocks: [] };

const faulted = (fault: FaultClass, delta: number, seed = 1): Float64Array =>
  fitFault(fault, delta, FITTED_ON).apply(NOMINAL, CHANNELS, FRAMES, createRandom(seed));

/** Rows of a block, [channel][frame]. */
const rows = (block: Float64Array, frames = FRAMES): readonly (readonly number[])[] =>
  Array.from({ length: block.length / frames }, (_, channel) =>
    Array.from(block.subarray(channel * frames, (channel + 1) * frames)),
  );

const disturbance = (fault: FaultClass, delta: number, seed = 1): readonly (readonly number[])[] => {
  const result = faulted(fault, delta, seed);
  return rows(result.map((value, index) => value - (NOMINAL[index] ?? 0)));
};

const round = (value: number): number => Math.round(value * 1e9) / 1e9 + 0;

const errorOf = (act: () => unknown): FdirError => {
  try {
    act();
  } catch (error) {
    if (error instanceof FdirError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('every class', () => {
  it.each(faultClasses)('%s: the same seed gives the same fault, and the nominal block stays as it was', (fault) => {
    const before = Float64Array.from(NOMINAL);
    expect(faulted(fault, 0.5, 9)).toEqual(faulted(fault, 0.5, 9));
    expect(NOMINAL).toEqual(before);
  });

  const drawn = faultClasses.filter((fault) => !['time-warp', 'clipping', 'dead-zone'].includes(fault));
  it.each(drawn)('%s: every call draws another fault', (fault) => {
    const injector = fitFault(fault, 2, FITTED_ON);
    const random = createRandom(5);
    const draws = Array.from({ length: 8 }, () => injector.apply(NOMINAL, CHANNELS, FRAMES, random).join());
    expect(new Set(draws).size).toBeGreaterThan(1);
  });

  it.each(faultClasses)('%s works on a single channel of an odd number of frames', (fault) => {
    const blocks = consecutiveBlocks(correlatedTelemetry(1, 1500, 4), 1, 1500, 15);
    const block = blocks[3] ?? new Float64Array(0);
    const result = fitFault(fault, 0.2, { blocks, channels: 1, frames: 15 }).apply(block, 1, 15, createRandom(1));
    expect(result.every(Number.isFinite)).toBe(true);
    expect(result).toHaveLength(15);
  });

  it('refuses a block of another size than it was fitted for', () => {
    const injector = fitFault('offset', 1, NO_BLOCKS);
    expect(() => injector.apply(new Float64Array(32), 2, 16, createRandom(1))).toThrow('4 x 16 was given 2 x 16');
  });

  it.each([0, -1, NaN, Infinity])('refuses the intensity %d', (delta) => {
    expect(errorOf(() => fitFault('offset', delta, NO_BLOCKS)).code).toBe('input');
  });

  it('refuses nominal blocks with missing samples or of another size, and none at all', () => {
    const hole = Float64Array.from(NOMINAL).fill(NaN, 3, 4);
    expect(errorOf(() => fitFault('stuck', 1, { blocks: [hole], channels: CHANNELS, frames: FRAMES })).code).toBe(
      'input',
    );
    expect(
      errorOf(() => fitFault('clipping', 0.5, { blocks: [NOMINAL.subarray(1)], channels: CHANNELS, frames: FRAMES }))
        .code,
    ).toBe('input');
    expect(errorOf(() => fitFault('time-warp', 0.5, NO_BLOCKS)).code).toBe('input');
  });
});

describe('an intensity out of reach', () => {
  const flat = [new Float64Array(CHANNELS * FRAMES)];
  const limited: readonly FaultClass[] = [
    'clipping',
    'dead-zone',
    'time-warp',
    'mixing-noise',
    'mixing-offset',
    'spectral-alteration',
    'subspace-alteration',
  ];
  it.each(limited)('%s on telemetry that never moves', (fault) => {
    const error = errorOf(() => fitFault(fault, 0.1, { blocks: flat, channels: CHANNELS, frames: FRAMES }));
    expect([error.code, error.message]).toEqual([
      'input',
      `a "${fault}" fault cannot reach intensity 0.1 on this telemetry; the largest it can reach is 0.00`,
    ]);
  });

  it('is named with the largest that can be reached: clipping ends at the zero signal', () => {
    const energy = BLOCKS.reduce((sum, block) => sum + meanSquare(block), 0) / BLOCKS.length;
    const error = errorOf(() => fitFault('clipping', 1.5, FITTED_ON));
    expect(error.message).toContain(`cannot reach intensity 1.5`);
    expect(error.message).toContain(energy.toPrecision(3));
  });

  it('is taken at the limit when it is missed by a few per cent', () => {
    expect(fitFault('dead-zone', 1.05, FITTED_ON).apply(NOMINAL, CHANNELS, FRAMES, createRandom(1))).toEqual(
      new Float64Array(CHANNELS * FRAMES),
    );
  });
});

describe('shapes', () => {
  it('offset: constant in every channel, +-sqrt(delta), signs of their own', () => {
    const constants = disturbance('offset', 4, 2).map((row) => [...new Set(row.map(round))]);
    expect(constants.every((values) => values.length === 1 && Math.abs(values[0] ?? 0) === 2)).toBe(true);
    const signs = Array.from({ length: 30 }, (_, seed) =>
      disturbance('offset', 4, seed)
        .map((row) => Math.sign(row[0] ?? 0))
        .join(),
    );
    expect(new Set(signs).size).toBeGreaterThan(4);
  });

  it('step: zero before its instant, constant from there on, at the same frame in all channels', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const steps = disturbance('step', 1, seed).map((row) => row.map((value) => round(Math.abs(value))));
      const instant = steps[0]?.findIndex((value) => value !== 0) ?? -1;
      expect(instant).toBeGreaterThanOrEqual(4);
      expect(instant).toBeLessThanOrEqual(12);
      const height = round(Math.sqrt(16 / (16 - instant)));
      const expected = Array.from({ length: FRAMES }, (_, frame) => (frame < instant ? 0 : height));
      expect(steps).toEqual(Array.from({ length: CHANNELS }, () => expected));
    }
  });

  it('impulse: one frame, the same in all channels, of height sqrt(delta n)', () => {
    const impulses = disturbance('impulse', 0.25, 3).map((row) => row.map((value) => round(Math.abs(value))));
    const at = impulses[0]?.findIndex((value) => value !== 0);
    const expected = Array.from({ length: FRAMES }, (_, frame) => (frame === at ? 2 : 0));
    expect(impulses).toEqual(Array.from({ length: CHANNELS }, () => expected));
  });

  it('impulse: one in every window of a long block', () => {
    const block = new Float64Array(160);
    const result = fitFault('impulse', 1, { blocks: [], channels: 1, frames: 160 }, { segment: 16 }).apply(
      block,
      1,
      160,
      createRandom(1),
    );
    const counts = Array.from(
      { length: 10 },
      (_, window) => result.subarray(16 * window, 16 * window + 16).filter((value) => Math.abs(value) === 4).length,
    );
    expect(counts).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('narrowband noise: all its power lies in a band', () => {
    const frames = 512;
    const block = new Float64Array(frames);
    const noise = fitFault('narrowband-noise', 1, { blocks: [], channels: 1, frames }).apply(
      block,
      1,
      frames,
      createRandom(12),
    );
    const powers = Array.from({ length: frames / 2 }, (_, bin) => {
      let [real, imaginary] = [0, 0];
      noise.forEach((value, frame) => {
        const taper = Math.sin((Math.PI * (frame + 0.5)) / frames) ** 2;
        real += taper * value * Math.cos((2 * Math.PI * bin * frame) / frames);
        imaginary += taper * value * Math.sin((2 * Math.PI * bin * frame) / frames);
      });
      return real * real + imaginary * imaginary;
    });
    const total = powers.reduce((sum, power) => sum + power, 0);
    const occupied = powers.flatMap((power, bin) => (power > 1e-4 * total ? [bin] : []));
    const width = ((occupied.at(-1) ?? 0) - (occupied[0] ?? 0)) / frames;
    expect(width).toBeLessThan(0.3);
    expect(occupied.reduce((sum, bin) => sum + (powers[bin] ?? 0), 0) / total).toBeGreaterThan(0.99);
  });

  it('drift: a ramp', () => {
    for (const row of disturbance('drift', 1)) {
      const slopes = row.slice(1).map((value, frame) => round(value - (row[frame] ?? 0)));
      expect(new Set(slopes).size).toBe(1);
      expect(round(row[0] ?? 0)).toBe(slopes[0]);
    }
  });

  it('stuck: every channel constant from one instant on, nominal before', () => {
    for (const delta of [0.2, 3]) {
      const nominal = rows(NOMINAL);
      const result = rows(faulted('stuck', delta, 4));
      const instant = Math.min(
        ...result.map((row, channel) => {
          const first = row.findIndex((value, frame) => value !== nominal[channel]?.[frame]);
          return first < 0 ? FRAMES : first;
        }),
      );
      for (const row of result) expect(new Set(row.slice(instant)).size).toBe(1);
    }
  });

  it('clipping: bounds the range of every channel, leaves what is inside', () => {
    const result = rows(faulted('clipping', 0.2));
    rows(NOMINAL).forEach((nominal, channel) => {
      const limit = Math.max(...(result[channel] ?? []).map(Math.abs));
      expect(limit).toBeLessThan(Math.max(...nominal.map(Math.abs)));
      expect(result[channel]).toEqual(nominal.map((value) => Math.max(-limit, Math.min(limit, value))));
    });
  });

  it('dead zone: small values are zero, the others untouched', () => {
    const result = rows(faulted('dead-zone', 0.2));
    rows(NOMINAL).forEach((nominal, channel) => {
      const lost = nominal.filter((_, frame) => result[channel]?.[frame] === 0).map(Math.abs);
      const kept = nominal.filter((_, frame) => result[channel]?.[frame] !== 0);
      expect(kept.every((value) => Math.abs(value) > Math.max(0, ...lost))).toBe(true);
      expect((result[channel] ?? []).filter((value) => value !== 0)).toEqual(kept);
    });
  });

  it('time warp: a slow sine becomes slower and keeps its start', () => {
    const wave = (speed: number, phase: number): Float64Array =>
      Float64Array.from({ length: 64 }, (_, frame) => Math.SQRT2 * Math.sin(speed * frame + phase));
    const blocks = Array.from({ length: 32 }, (_, index) => wave(0.3, (2 * Math.PI * index) / 32));
    const result = fitFault('time-warp', 1.5, { blocks, channels: 1, frames: 64 }).apply(
      wave(0.3, 1),
      1,
      64,
      createRandom(1),
    );
    const crossings = (values: Float64Array): number =>
      values.filter((value, frame) => frame > 0 && Math.sign(value) !== Math.sign(values[frame - 1] ?? 0)).length;
    expect(crossings(result)).toBeLessThan(crossings(wave(0.3, 1)));
    expect(Math.abs((result[0] ?? 0) / Math.SQRT2 - Math.sin(1))).toBeLessThan(0.1);
  });

  it.each(['spectral-alteration', 'mixing-noise', 'mixing-offset', 'time-warp'] as const)(
    '%s keeps the nominal energy',
    (fault) => {
      const injector = fitFault(fault, 0.5, FITTED_ON);
      const random = createRandom(8);
      const energy = (blocks: readonly Float64Array[]): number =>
        blocks.reduce((sum, block) => sum + meanSquare(block), 0) / blocks.length;
      const draws = Array.from({ length: 10 }, () =>
        BLOCKS.map((block) => injector.apply(block, CHANNELS, FRAMES, random)),
      ).flat();
      // 2000 blocks with a spread of about 1 each: 5 % is more than two standard errors and much less than the 25 % an added fault would cause.
      expect(Math.abs(energy(draws) / energy(BLOCKS) - 1)).toBeLessThan(0.05);
    },
  );

  it('subspace alteration: keeps the energy of every window, and the angles between windows in a long block', () => {
    const result = faulted('subspace-alteration', 0.5);
    expect(meanSquare(result)).toBeCloseTo(meanSquare(NOMINAL), 10);
    expect(deviationOf(result, NOMINAL)).toBeGreaterThan(0);
    const random = createRandom(6);
    const rotate = randomRotation(7, 1.1, random);
    const vectors = Array.from({ length: 9 }, () => Float64Array.from({ length: 7 }, () => random.normal()));
    const rotated = vectors.map(rotate);
    const products = (set: readonly Float64Array[]): readonly number[] =>
      set.flatMap((a) => set.map((b) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)));
    products(rotated).forEach((product, index) => {
      expect(product).toBeCloseTo(products(vectors)[index] ?? NaN, 9);
    });
  });

  it('classes that act by segment reach the end of a block that is no whole number of segments', () => {
    const blocks = consecutiveBlocks(correlatedTelemetry(CHANNELS, 2000, 5), CHANNELS, 2000, 40);
    const block = blocks[4] ?? new Float64Array(0);
    for (const fault of ['spectral-alteration', 'subspace-alteration'] as const) {
      const result = fitFault(fault, 0.5, { blocks, channels: CHANNELS, frames: 40 }, { segment: 16 }).apply(
        block,
        CHANNELS,
        40,
        createRandom(2),
      );
      expect(result.every((value, index) => value !== block[index])).toBe(true);
    }
  });
});
