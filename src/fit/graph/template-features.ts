/**
 * Nodes of the part of a corevector that keeps size and survives another spacecraft. It tells what each shape of fault explains of a
 * unit's whitened deviation and how large that is. It also tells how it goes with the signal, and whether samples repeat.
 */
import type { Layout } from '../layout';
import { dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { TEMPLATES, type TemplateBank } from '../templates';
import type { WindowEvidence } from './conditional';

export interface UnitTensors {
  /** [n, units, channels, frames], standardised values; empty channels are zero. */
  readonly window: string;
  /** [n, units, channels, frames]: value less what the other units imply. */
  readonly plain: string;
  /** [n, units, 1]: energy of the whitened deviation a sample. */
  readonly energy: string;
  /** [n, units, templates]: what each shape explains of it, a sample. */
  readonly explained: string;
  /** [n, units, samples]: the likeliest additive disturbance. */
  readonly disturbance: string;
  /** [n, units, 1]: each unit's share in the distance of the whole window. */
  readonly distance: string;
  /** [n, units, 1]: share of samples that repeat the one before, of the channel that repeats most. */
  readonly repeats: string;
}

/** Below this a difference of neighbours is none: the last digit of float32. */
const SAME = 1e-6;
/** Steepness at which signed deviations saturate: a third of a nominal standard deviation is half way. */
const SIGN_GAIN = 3;
const RATIO_FLOOR = 1e-2;

/** Names of the features in their order; the signed ones follow, two a channel, where units are alike. */
const FEATURES = [
  'size',
  ...TEMPLATES.flatMap((name) => [`rest/${name}`, `share/${name}`]),
  ...['disturbance', 'plain'].flatMap((name) => [`size/${name}`, `gain/${name}`, `relative/${name}`, `norm/${name}`]),
  'repeats',
] as const;

const isUnbounded = (name: string): boolean => name.startsWith('size') || name.startsWith('rest/');

/** Which of the features grow without bound with the size of a fault. */
export const unboundedFeatures = (layout: Layout): readonly boolean[] => [
  ...FEATURES.map(isUnbounded),
  ...(layout.alike ? (layout.groups[0]?.flatMap(() => [false, false]) ?? []) : []),
];

/** Row of each channel of each unit in the views, padded with row 0; and 1 for a channel that is there. */
const placesIn = ({ groups }: Layout, channels: number, rowOf: (group: number, channel: number) => number) => {
  const rows = groups.flatMap((group, unit) =>
    Array.from({ length: channels }, (_, channel) => (channel < group.length ? rowOf(unit, channel) : 0)),
  );
  const isThere = groups.flatMap((group) => Array.from({ length: channels }, (_, c) => (c < group.length ? 1 : 0)));
  return { rows, isThere };
};

/** @param standardised [n, parameters * frames]. */
export const buildUnitTensors = (
  g: GraphBuilder,
  { standardised, window: { views, count } }: { readonly standardised: string; readonly window: WindowEvidence },
  layout: Layout,
  bank: TemplateBank,
): UnitTensors => {
  const { groups, frames, parameters } = layout;
  const { channels, blocks, steps, impulses } = bank;
  const [units, size] = [groups.length, channels * frames];
  const starts = groups.map((_, unit) => groups.slice(0, unit).reduce((sum, { length }) => sum + count * length, 0));
  const whole = groups.every(({ length }) => length === channels);
  const take = (from: string, hint: string, rowOf: (unit: number, channel: number) => number): string => {
    const { rows, isThere } = placesIn(layout, channels, rowOf);
    const taken = g.gather(from, 1, rows);
    return whole ? taken : g.mul(taken, g.constant(hint, isThere, [1, units * channels, 1]));
  };
  const shaped = (tensor: string): string => g.reshape(tensor, [-1, units, channels, frames]);
  const whitened = take(views, 'units/there', (unit, channel) => (starts[unit] ?? 0) + channel);
  const plain = take(
    views,
    'units/there',
    (unit, channel) => (starts[unit] ?? 0) + (groups[unit]?.length ?? 0) + channel,
  );
  const window = take(
    g.reshape(standardised, [-1, parameters, frames]),
    'units/there',
    (unit, channel) => groups[unit]?.[channel] ?? 0,
  );

  const width = blocks * channels + 2 * size;
  const all = dense(units * size, width);
  for (let unit = 0; unit < units; unit += 1)
    for (let row = 0; row < size; row += 1) {
      let from = (unit * size + row) * width;
      for (const part of [bank.columns[unit], bank.disturbance[unit], bank.roots[unit]]) {
        if (part === undefined) continue;
        all.data.set(part.data.subarray(row * part.columns, (row + 1) * part.columns), from);
        from += part.columns;
      }
    }
  const products = g.matmul(
    g.reshape(whitened, [-1, units, 1, size]),
    g.constant('templates', all.data, [units, size, width]),
  );
  const [filtered = '', disturbance = '', gradient = ''] = g.split(products, 3, [blocks * channels, size, size]);
  const perSample = g.constant(
    'units/per-sample',
    groups.map(({ length }) => 1 / (length * frames)),
    [1, units, 1],
  );
  const energies = g.mul(g.energy(g.reshape(filtered, [-1, units, blocks, channels]), [3]), perSample);
  const [level = '', ramp = '', bend = '', ...instants] = g.split(energies, 2, [
    1,
    1,
    1,
    ...(steps > 0 ? [steps] : []),
    impulses,
  ]);
  const impulse = instants.at(-1) ?? level;
  const step = steps > 0 ? g.add(level, g.reduceMax(instants[0] ?? level, [2], true)) : level;
  const flatWindow = g.reshape(window, [-1, units, size]);
  return {
    window: shaped(window),
    plain: shaped(plain),
    energy: g.mul(g.energy(g.reshape(whitened, [-1, units, size]), [2], true), perSample),
    explained: g.concat([level, ramp, g.add(level, bend), step, g.reduceMax(impulse, [2], true)], 2),
    disturbance: g.reshape(disturbance, [-1, units, size]),
    distance: g.reduceSum(g.mul(flatWindow, g.reshape(gradient, [-1, units, size])), [2], true),
    repeats: buildRepeats(g, shaped(window), layout, channels),
  };
};

/** [n, units, 1]. */
const buildRepeats = (g: GraphBuilder, window: string, { groups, frames }: Layout, channels: number): string => {
  const differences = g.sub(g.slice(window, 3, 1, frames), g.slice(window, 3, 0, frames - 1));
  const same = g.below(g.node('Abs', [differences]), g.constant('same', [SAME], [1]));
  const there = groups.flatMap((group) => Array.from({ length: channels }, (_, c) => (c < group.length ? 1 : 0)));
  const all = g.mul(g.reduceMean(same, [3]), g.constant('units/channels', there, [1, groups.length, channels]));
  return g.reduceMax(all, [2], true);
};

const plus = (g: GraphBuilder, tensor: string, value: number): string =>
  g.add(tensor, g.constant(`plus/${String(value)}`, [value], [1]));

/** Sizes, gain, relative size and change of norm of one estimate of the disturbance: [n, units, 4]. */
const buildSignalFeatures = (
  g: GraphBuilder,
  window: string,
  disturbance: string,
  energyOfWindow: string,
): string[] => {
  const product = g.reduceSum(g.mul(window, disturbance), [2], true);
  const own = plus(g, g.energy(disturbance, [2], true), 1e-3);
  // |x|^2 - |x - d|^2 = 2 x d - |d|^2: a fault that only turns the signal leaves its norm as it was.
  const change = g.node('Abs', [g.sub(g.add(product, product), own)]);
  return [
    g.log(own),
    g.node('Tanh', [g.div(product, own)]),
    g.log(g.div(own, energyOfWindow)),
    g.log(plus(g, g.div(change, own), 0.03)),
  ];
};

/** Features of every unit: [n * units, width]. */
export const buildTemplateFeatures = (
  g: GraphBuilder,
  { window, plain, energy, explained, disturbance, repeats }: UnitTensors,
  layout: Layout,
  { channels }: TemplateBank,
): { features: string; width: number } => {
  const { groups, frames, alike } = layout;
  const [units, size] = [groups.length, channels * frames];
  const rest = g.node('Relu', [g.sub(energy, explained)]);
  // A ratio whose denominator has a floor: shares of next to nothing are one.
  const share = g.div(plus(g, rest, RATIO_FLOOR), plus(g, energy, RATIO_FLOOR));
  const flat = g.reshape(window, [-1, units, size]);
  const windowEnergy = plus(g, g.energy(flat, [2], true), RATIO_FLOOR);
  const columns = [
    g.log(plus(g, energy, 0.1)),
    g.reshape(
      g.concat(
        [
          g.reshape(g.log(plus(g, rest, 0.3)), [-1, units, TEMPLATES.length, 1]),
          g.reshape(g.log(share), [-1, units, TEMPLATES.length, 1]),
        ],
        3,
      ),
      [-1, units, 2 * TEMPLATES.length],
    ),
    ...buildSignalFeatures(g, flat, disturbance, windowEnergy),
    ...buildSignalFeatures(g, flat, g.reshape(plain, [-1, units, size]), windowEnergy),
    repeats,
  ];
  if (alike) {
    const moments = dense(frames, 2);
    for (let t = 0; t < frames; t += 1) {
      moments.data[2 * t] = SIGN_GAIN / frames;
      moments.data[2 * t + 1] = (SIGN_GAIN * (2 * t + 1 - frames) * 3) / frames ** 2;
    }
    columns.push(
      g.reshape(g.node('Softsign', [g.matmul(plain, g.constant('signed', moments.data, [frames, 2]))]), [
        -1,
        units,
        2 * channels,
      ]),
    );
  }
  const width = FEATURES.length + (alike ? 2 * channels : 0);
  return { features: g.reshape(g.concat(columns, 2), [-1, width]), width };
};
