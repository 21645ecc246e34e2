/** What the graph of the equipment method is built from: the names of its taps and tensors, its parts, and what is fitted on them. */
import { peepholeOutput, type TapInfo, type TaskInfo } from '../domain/manifest';
import type { Driller } from './driller';
import type { WindowEvidence } from './graph/conditional';
import type { DetectorPart, Front, Scaling } from './graph/front';
import type { SlowEvidence } from './graph/heads';
import type { JoinedHeads } from './graph/joined';
import type { OwnPastNodes } from './graph/own-past';
import { isEnergyFeature } from './graph/shape-features';
import { unboundedFeatures } from './graph/template-features';
import { viewNames, type UnitLogit } from './graph/unit-evidence';
import type { Heads } from './heads/fit-heads';
import type { Layout } from './layout';
import type { Reduction } from './math/discriminant';
import type { GraphBuilder } from './onnx/graph-builder';
import type { OwnPastHeads } from './own-past/fit-own-past';
import type { ConditionalModel } from './precision';
import type { TemplateBank } from './templates';
import { peepholeClasses, type WholeDriller } from './whole-driller';

/** Taps that one driller serves for all equipments: deviations of the window itself, and of the detector's residual. */
export const SHARED_TAPS = ['residual', 'detector-residual'] as const;
export type SharedTap = (typeof SHARED_TAPS)[number];
/** The verdict of all taps together. */
export const FUSED = 'fused';
/** Names of inner tensors published for fitting. */
export const FILLED = 'filled';
export const REMEMBERED = 'remembered';
export const CONTEXT = 'context';
export const RESIDUAL = 'residual';
export const FEATURES = 'signature-features';
export const UNIT_EVIDENCE = 'unit-evidence';
export const EXPERTS = 'experts';
export const featuresOf = (tap: SharedTap): string => `features/${tap}`;
export const corevectorOf = (tap: string): string => `corevector/${tap}`;

/** A tap on the whole window whose driller tells unit and fault at once. */
export interface WholeTap {
  readonly name: string;
  readonly kind: TapInfo['kind'];
  /** Length of the corevector. */
  readonly width: number;
  /** Adds its nodes: [n, width]. */
  readonly build: (g: GraphBuilder, at: TapContext) => string;
}

/** What taps on the whole window can start from. */
export interface TapContext {
  readonly front: Front;
  readonly window: WindowEvidence;
  /** [n, parameters * SIGNATURE_FEATURES]; of packages that labelled passes teach. */
  readonly signature: string | undefined;
  readonly slow: readonly SlowEvidence[];
  /** [n, parameters * SUMMARIES], engineering values. */
  readonly memory: string;
  /** Left out where parameters are not judged by their own past. */
  readonly past: OwnPastNodes | undefined;
}

/** What the graph is built from before anything judges evidence: the detector, and what nominal windows imply of each other. */
export interface GraphParts {
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly detector: DetectorPart;
  readonly linear: ConditionalModel;
  readonly residual: ConditionalModel;
  readonly faults: readonly string[];
  readonly shared: readonly SharedTap[];
  readonly bank: TemplateBank;
  /** Whether labelled passes teach faults. */
  readonly isTaught: boolean;
}

/** The same with the heads that judge evidence, and the taps on the whole window. */
export interface JudgingParts extends GraphParts {
  readonly whole: readonly WholeTap[];
  readonly heads: Heads;
  /** Left out where the recordings are too short to judge parameters by their own past. */
  readonly ownPast?: OwnPastHeads | undefined;
}

export interface SharedDriller {
  readonly tap: SharedTap;
  readonly reduction: Reduction;
  /** Features count up to these values: a fault larger than any learnt one is still the fault it looks like. */
  readonly caps: Float64Array;
  readonly driller: Driller;
}

/** What tells unit and kind at each tap. */
export interface FittedTaps {
  readonly drillers: readonly SharedDriller[];
  readonly unitLogit: UnitLogit;
  /** In the order of the whole taps. */
  readonly wholeDrillers: readonly WholeDriller[];
}

/** Everything that a package holds beyond its parts. */
export interface FittedPackage extends FittedTaps {
  readonly conformal: Float64Array;
  /** Exponents of the experts: the unit, the kind at each shared tap, each whole tap. */
  readonly fusion: Float64Array;
  /** Adds further peepholes, of weight layers or whole windows. */
  readonly more: (g: GraphBuilder, front: Front) => void;
}

/** Which features of a shared tap grow without bound with the size of a fault. */
export const unboundedOf = (tap: SharedTap, layout: Layout, width: number): boolean[] => {
  const own = tap === 'residual' ? unboundedFeatures(layout) : [];
  return Array.from({ length: width }, (_, index) => {
    const fromShape = width - own.length;
    return index < fromShape ? isEnergyFeature(index) : (own[index - fromShape] ?? false);
  });
};

/** What the joined output holds of the heads. */
export const joinedHeads = ({ heads, ownPast }: Pick<JudgingParts, 'heads' | 'ownPast'>): JoinedHeads => ({
  names: heads.names,
  ...(ownPast && { ownPast: ownPast.spec.heads.length * ownPast.spec.parameters.length }),
});

/** Tasks of the taps, the one a verdict is read from first. */
export const tasksOf = ({ shared, faults, whole }: Pick<JudgingParts, 'shared' | 'faults' | 'whole'>): TaskInfo[] =>
  [FUSED, ...shared, ...whole.map(({ name }) => name)].map((tap) => ({
    name: 'fault',
    tap,
    output: peepholeOutput(tap, 'fault'),
    classes: peepholeClasses(faults),
  }));

/** The view of the isolation on what the detector leaves. */
export const RESIDUAL_VIEW = 'detector-residual';
/** Views of the isolation: those of the window, and the evidence of every head but the window's own. */
export const unitViews = ({ heads, ownPast }: Pick<JudgingParts, 'heads' | 'ownPast'>): readonly string[] =>
  viewNames([RESIDUAL_VIEW, ...heads.names.slice(1), ...(ownPast?.spec.heads.map(({ name }) => name) ?? [])]);
