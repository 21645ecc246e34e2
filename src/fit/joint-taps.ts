/** Nodes of the taps: the corevector of each, and its posterior over unit and fault. */
import type { FittedTaps, JudgingParts, SharedDriller, SharedTap } from './equipment-parts';
import { buildExperts, type JointTap } from './graph/fusion';
import { buildPeephole } from './graph/peephole';
import { buildUnitPosterior } from './graph/unit-evidence';
import type { GraphBuilder } from './onnx/graph-builder';
import { jointTable, peepholeTable, type WholeDriller } from './whole-driller';

/** Corevector of a tap: capped features, reduced. */
const buildCorevector = (
  g: GraphBuilder,
  features: string,
  { reduction: { mean, matrix }, caps }: Pick<WholeDriller, 'reduction'> & Partial<Pick<SharedDriller, 'caps'>>,
  hint: string,
): string => {
  const bias = new Float64Array(matrix.columns);
  for (let i = 0; i < matrix.rows; i += 1)
    for (let j = 0; j < matrix.columns; j += 1)
      bias[j] = (bias[j] as number) - (mean[i] as number) * (matrix.data[i * matrix.columns + j] as number);
  const capped =
    caps === undefined ? features : g.node('Min', [features, g.constant(`${hint}/caps`, caps, [1, caps.length])]);
  return g.gemm(
    capped,
    g.constant(`${hint}/reduction`, matrix.data, [matrix.rows, matrix.columns]),
    g.constant(`${hint}/reduction/bias`, bias, [matrix.columns]),
  );
};

/** What the taps start from. */
export interface TapNodes {
  /** [n * units, width] of each shared tap. */
  readonly features: ReadonlyMap<SharedTap, { readonly features: string; readonly width: number }>;
  /** [n, units, views]. */
  readonly unitEvidence: string;
  /** [n, width] of each whole tap, in their order. */
  readonly corevectors: readonly string[];
}

export interface JointTaps {
  /** [n, units]: posterior over the units. */
  readonly whose: string;
  readonly kinds: readonly JointTap[];
  /** `peephole` is the joint posterior with nominal beside it. */
  readonly wholes: readonly (JointTap & { readonly peephole: string })[];
  /** [n, units * kinds, experts]: logarithms. */
  readonly experts: string;
}

/** Joint posteriors of the taps and their logarithms side by side, as the fusion takes them. */
export const buildJointTaps = (
  g: GraphBuilder,
  { layout, shared, whole, faults }: JudgingParts,
  nodes: TapNodes,
  { drillers, unitLogit, wholeDrillers }: FittedTaps,
): JointTaps => {
  const [units, columns] = [layout.groups.length, faults.length + 1];
  const options = units * columns;
  const whose = buildUnitPosterior(g, nodes.unitEvidence, unitLogit, units);
  const kinds = shared.flatMap((tap): JointTap[] => {
    const source = nodes.features.get(tap);
    const own = drillers.find((driller) => driller.tap === tap);
    if (source === undefined || own === undefined) return [];
    const corevector = buildCorevector(g, source.features, own, tap);
    return [{ name: tap, joint: g.reshape(buildPeephole(g, corevector, own.driller, { hint: tap }), [-1, options]) }];
  });
  const wholes = whole.flatMap(({ name }, index) => {
    const own = wholeDrillers[index];
    const corevector = nodes.corevectors[index];
    if (own === undefined || corevector === undefined) return [];
    const posterior = buildPeephole(g, buildCorevector(g, corevector, own, name), own.driller, { hint: name });
    const table = jointTable(own, layout, faults.length);
    const shown = peepholeTable(own, layout, faults.length);
    const hold = (hint: string, { data, rows, columns: width }: typeof table): string =>
      g.constant(`${name}/${hint}`, data, [rows, width]);
    return [
      {
        name,
        joint: g.matmul(posterior, hold('joint', table)),
        peephole: g.gemm(
          posterior,
          hold('shown', shown.table),
          g.constant(`${name}/shown/bias`, shown.bias, [shown.bias.length]),
        ),
      },
    ];
  });
  const [first, ...others] = kinds;
  const experts = buildExperts(g, { whose, kinds: first?.joint ?? whose }, [...others, ...wholes], { units, columns });
  return { whose, kinds, wholes, experts };
};
