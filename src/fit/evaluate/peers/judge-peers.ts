/** Judges a labelled pass with the peers, by the same windows, labels and figures as a package. */
import { createRandom } from '../../../core/random';
import { thresholdForRate } from '../../../core/metrics/roc';
import { UNKNOWN } from '../../../domain/explanation';
import type { Manifest } from '../../../domain/manifest';
import type { Mission } from '../../../domain/mission';
import type { Label, Window } from '../../../domain/telemetry';
import { injectedCases, INTENSITIES } from '../../calibration-set';
import { isFaultClass } from '../../../domain/fault-classes';
import { layoutOf } from '../../layout';
import { scalingOf } from '../../nominal-windows';
import { UNMEASURED } from '../evaluate-cost';
import { knownFaults } from '../evaluate-names';
import type { DetectedAnomaly, EvaluationInput } from '../evaluation';
import type { EvaluatedWindow } from '../evaluate-pass';
import { truthOf, type EvaluationStep, type WindowMode } from '../evaluate-windows';
import { ldaPeer } from './mean-deviation-lda';
import { peerLayout, type Peer, type PeerCase, type PeerOpinion } from './peer';
import { windowT2Peer } from './window-t2';
import { zScorePeer } from './z-score';

export interface PeerPass {
  readonly due: readonly EvaluationStep[];
  readonly labels: readonly Label[];
}

export interface PeersRequest {
  readonly mission: Mission;
  /** Of the package they are compared with: which equipment and faults can be named. */
  readonly manifest: Manifest;
  readonly mode: WindowMode;
  readonly pass: PeerPass & { readonly times: readonly number[] };
  /** The recordings the package was fitted on, and the labelled ones that taught it. */
  readonly nominal: readonly PeerPass[];
  readonly taught: readonly PeerPass[];
  /** Nominal recordings that give the threshold, and the share of their windows above it; none: windows left out of the fit. */
  readonly thresholdFrom: readonly PeerPass[];
  readonly rate: number | undefined;
  readonly recoveryMs: number;
  readonly report: (message: string) => void;
}

/** Share of left-out nominal windows at or above the threshold of a stream. */
const STREAM_RATE = 0.001;
const PERSISTENCE = { k: 3, n: 4 } as const;
/** Injected cases a class, for classes that no recording teaches. */
const CASES = 300;
/** The last quarter of every nominal recording gives the threshold. */
const LEFT_OUT = 0.75;

/** Peers infer nothing: a window that lacks a sample is none of theirs. */
const windowsOf = ({ due }: PeerPass): readonly Window[] =>
  due.flatMap((item) => (item.kind === 'window' && item.window.values.every(Number.isFinite) ? [item.window] : []));

const taughtCases = (request: PeersRequest, faults: readonly string[]): readonly PeerCase[] =>
  request.taught.flatMap((pass) =>
    windowsOf(pass).flatMap((window): readonly PeerCase[] => {
      const truth = truthOf(window, pass.labels);
      if (truth.kind !== 'inside') return [];
      const group = request.manifest.equipment.indexOf(truth.label.equipment);
      const fault = faults.indexOf(truth.label.fault);
      return fault < 0 ? [] : [{ values: window.values, group, fault }];
    }),
  );

const casesOf = (request: PeersRequest, nominal: readonly Window[]): readonly PeerCase[] => {
  const faults = knownFaults(request.manifest);
  const taught = taughtCases(request, faults);
  const layout = layoutOf(request.mission);
  const scaling = scalingOf(
    nominal.map(({ values }) => values),
    layout.parameters,
    layout.frames,
  );
  const missing = faults.filter((name, at) => isFaultClass(name) && !taught.some(({ fault }) => fault === at));
  const injected = injectedCases(
    nominal,
    missing,
    { layout, scaling },
    {
      perClass: CASES,
      intensities: INTENSITIES,
      varied: true,
      random: createRandom(1).fork('peers'),
      report: request.report,
    },
  );
  return [
    ...taught,
    ...injected.map(({ values, group, fault }) => ({ values, group, fault: faults.indexOf(missing[fault] ?? '') })),
  ];
};

const mostFrequent = (names: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? UNKNOWN;
};

interface Verdicts {
  readonly unit: (opinion: PeerOpinion) => string;
  readonly fault: (opinion: PeerOpinion) => string;
}

const verdictsOf = (manifest: Manifest): Verdicts => {
  const faults = knownFaults(manifest);
  return {
    unit: ({ group }) => manifest.equipment[group] ?? UNKNOWN,
    fault: ({ fault }) => faults[fault] ?? UNKNOWN,
  };
};

/** Three of four windows open an anomaly; four in a row below the threshold close it. It names what most of its windows name. */
const anomaliesOf = (
  judged: readonly (EvaluatedWindow & { readonly opinion: PeerOpinion })[],
  threshold: number,
  verdicts: Verdicts,
): readonly DetectedAnomaly[] => {
  const anomalies: DetectedAnomaly[] = [];
  let recent: ((typeof judged)[number] | undefined)[] = [];
  let open: { hits: (typeof judged)[number][]; detectedAt: number; misses: number } | undefined;
  const close = (): void => {
    const [first] = open?.hits ?? [];
    if (open === undefined || first === undefined) return;
    const equipment = mostFrequent(open.hits.map(({ opinion }) => verdicts.unit(opinion)));
    const fault = mostFrequent(open.hits.map(({ opinion }) => verdicts.fault(opinion)));
    anomalies.push({
      start: first.end,
      lastHit: open.hits.at(-1)?.end ?? first.end,
      detectedAt: open.detectedAt,
      verdict: { equipment, fault, confidence: 0, alternatives: [] },
    });
    [open, recent] = [undefined, []];
  };
  for (const window of judged) {
    const isHit = window.score >= threshold;
    if (open !== undefined) {
      if (isHit) open.hits.push(window);
      open.misses = isHit ? 0 : open.misses + 1;
      if (open.misses >= PERSISTENCE.n) close();
      continue;
    }
    recent = [...recent, isHit ? window : undefined].slice(-PERSISTENCE.n);
    const hits = recent.filter((item) => item !== undefined);
    if (isHit && hits.length >= PERSISTENCE.k) open = { hits, detectedAt: window.end, misses: 0 };
  }
  close();
  return anomalies;
};

const thresholdOf = (peer: Peer, leftOut: readonly Window[], request: PeersRequest): EvaluationInput['threshold'] => {
  const rate = request.rate ?? STREAM_RATE;
  const windows = request.thresholdFrom.length === 0 ? leftOut : request.thresholdFrom.flatMap(windowsOf);
  const scores = windows.map(({ values }) => peer.judge(values).score);
  const source = request.thresholdFrom.length === 0 ? 'nominal windows left out' : 'other nominal passes';
  return { value: thresholdForRate(scores, rate) ?? Infinity, source, falsePositiveRate: rate };
};

const judgeWith = (peer: Peer, leftOut: readonly Window[], request: PeersRequest): EvaluationInput => {
  const { manifest, mode, pass } = request;
  const threshold = thresholdOf(peer, leftOut, request);
  const verdicts = verdictsOf(manifest);
  const judged = windowsOf(pass).map((window) => {
    const opinion = peer.judge(window.values);
    const [equipment, fault] = [verdicts.unit(opinion), verdicts.fault(opinion)];
    return {
      start: window.start,
      end: window.end,
      score: opinion.score,
      truth: truthOf(window, pass.labels),
      verdict: { equipment, fault, confidence: opinion.confidence, alternatives: [] },
      peepholeEquipment: equipment,
      peepholes: [],
      opinion,
    };
  });
  return {
    // Peers have no taps.
    manifest: { ...manifest, id: peer.name, detector: 'peer', taps: [] },
    mode,
    judged: {
      windows: judged,
      anomalies: mode === 'independent' ? [] : anomaliesOf(judged, threshold.value, verdicts),
      unscored: pass.due.filter(({ kind }) => kind !== 'lost').length - judged.length,
      unusable: new Map(),
    },
    threshold,
    labels: pass.labels,
    times: pass.times,
    recoveryMs: request.recoveryMs,
    cost: UNMEASURED,
  };
};

/** Fits the peers on the recordings of the package and judges the pass with each. */
export const judgePeers = (request: PeersRequest): readonly EvaluationInput[] => {
  const [fitted, leftOut]: [Window[], Window[]] = [[], []];
  for (const pass of request.nominal) {
    const windows = windowsOf(pass);
    const cut = Math.floor(windows.length * LEFT_OUT);
    fitted.push(...windows.slice(0, cut));
    leftOut.push(...windows.slice(cut));
  }
  const layout = peerLayout(request.mission);
  const nominal = fitted.map(({ values }) => values);
  const input = { layout, nominal, cases: casesOf(request, fitted) };
  const peers = [zScorePeer(input), windowT2Peer(input), ldaPeer(input)].filter((peer) => peer !== undefined);
  return peers.map((peer) => {
    request.report(`judging with ${peer.name}`);
    return judgeWith(peer, leftOut, request);
  });
};
