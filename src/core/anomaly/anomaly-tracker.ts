/**
 * From scored windows to anomalies. If k of the last n windows are at or above the threshold, one opens. Its evidence is fused
 * while it lasts. It closes when the telemetry has returned to normal. A pure reducer; the pipeline threads the state.
 *
 * Each equipment has one anomaly at a time. While one is open, windows that point to another equipment open a second one when
 * they reach k of n themselves. So a lasting fault does not hide the next.
 */
import { UNKNOWN, type Cascade, type RevisionTrigger, type Verdict } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';
import { isoTime } from '../../domain/units';
import { occasionId } from './occasion';
import { acceptEvidence, afterGap, judgeEvidence, type EvidenceState } from './judge-evidence';
import { addEvidence, equipmentMass, fusedPosterior, jointPosterior, verdictEquipment, verdictOf } from './verdict';

/** One anomaly with the evidence gathered so far; plain data, so that it can be stored and restored. */
export interface Anomaly {
  readonly id: string;
  readonly revision: number;
  /** First sampling instant that only anomalous windows cover. */
  readonly start: number;
  /** End of the last window that counted. */
  readonly lastHit: number;
  readonly detectedAt: number;
  readonly verdict: Verdict;
  /** The window with the highest score so far: freeze frame and attribution come from it. */
  readonly worst: ScoredWindow;
  /** Gathered evidence [equipment, faults], older windows decayed. */
  readonly evidence: Float64Array;
  /** Mean posterior of every task of the manifest, in its order and shape, older windows decayed likewise. */
  readonly posteriors: readonly Float64Array[];
  /** Windows in it, older ones decayed. */
  readonly weight: number;
  /** Consecutive windows that did not count. */
  readonly misses: number;
  /** What the last revision said, to tell whether a new one is due. */
  readonly reported: { readonly confidence: number; readonly score: number };
  /** Its part among other anomalies; absent of one that stands alone. */
  readonly cascade?: Cascade;
  /** Packet time until which it stays a symptom after its root has closed. */
  readonly cascadeUntil?: number;
}

/** A revision to be explained, logged and published. */
export interface Revision {
  readonly anomaly: Anomaly;
  readonly trigger: RevisionTrigger;
  readonly state: 'open' | 'closed';
  /** End of the window that brought it about; packet time. */
  readonly time: number;
}

interface Hit {
  readonly scored: ScoredWindow;
  readonly joint: Float64Array;
  /** The equipment this window alone points to. */
  readonly equipment: string;
}

export interface TrackerState extends EvidenceState {
  readonly open: readonly Anomaly[];
  /** The last n windows, oldest first; undefined is a window below the threshold. */
  readonly recent: readonly (Hit | undefined)[];
  /** Packet time since which telemetry is lost, with anomalies open; left out: none is. */
  readonly lostAt?: number | undefined;
}

export interface TrackerStep {
  readonly state: TrackerState;
  readonly revisions: readonly Revision[];
}

export const initialTracker: TrackerState = { open: [], recent: [] };
const emptied = (state: TrackerState): TrackerState => ({ ...initialTracker, ...afterGap(state) });

/** Some thirty windows are remembered: the onset, where a fault fills only part of the window and looks like a step, fades out. */
const EVIDENCE_MEMORY = 0.97;
/**
 * A window with less than this share of the highest score prolongs an anomaly and does not change what it is called. As a fault passes,
 * what is left of it in slow evidence resembles other faults.
 */
const FADING = 0.5;
/** A change of confidence smaller than this is not worth another revision. */
const CONFIDENCE_STEP = 0.1;
/** A window that gives the equipment of an open anomaly this much is no witness for another one. */
const STILL_SUSPECT = 0.1;

/** Where a window belongs. */
export interface Place {
  readonly spacecraft: string;
  /** How often the spacecraft's clock was set back before it. */
  readonly base?: number | undefined;
}

type EvidenceSum = Pick<Anomaly, 'evidence' | 'posteriors' | 'weight'>;

const fuse = (hits: readonly Hit[], from?: EvidenceSum): EvidenceSum =>
  hits.reduce<EvidenceSum | undefined>((before, { joint, scored }) => {
    const kept = EVIDENCE_MEMORY * (before?.weight ?? 0);
    return {
      evidence: addEvidence(before?.evidence, joint, EVIDENCE_MEMORY),
      posteriors: scored.inference.peepholes.map((posterior, task) =>
        Float64Array.from(
          posterior,
          (value, index) => (kept * (before?.posteriors[task]?.[index] ?? 0) + value) / (kept + 1),
        ),
      ),
      weight: kept + 1,
    };
  }, from) ?? { evidence: new Float64Array(), posteriors: [], weight: 0 };

const worstOf = (hits: readonly ScoredWindow[]): ScoredWindow =>
  hits.reduce((worst, scored) => (scored.inference.score > worst.inference.score ? scored : worst));

const openAnomaly = (
  { spacecraft, base }: Place,
  manifest: Manifest,
  hits: readonly Hit[],
  detectedAt: number,
): Anomaly => {
  const fused = fuse(hits);
  const worst = worstOf(hits.map(({ scored }) => scored));
  const verdict = verdictOf(manifest, fusedPosterior(fused.evidence), worst.inference.equipmentScore);
  const first = hits[0]?.scored.window;
  const { periodMs, stride } = manifest.sampling;
  const start = Math.max(first?.start ?? 0, (first?.end ?? 0) - (stride - 1) * periodMs);
  return {
    id: occasionId(spacecraft, isoTime(start), verdict.equipment, base),
    revision: 1,
    start,
    lastHit: hits.at(-1)?.scored.window.end ?? start,
    detectedAt,
    verdict,
    worst,
    ...fused,
    misses: 0,
    reported: { confidence: verdict.confidence, score: worst.inference.score },
  };
};

/** Takes one more window into an open anomaly, and says whether that is worth a revision. */
const extendAnomaly = (
  manifest: Manifest,
  anomaly: Anomaly,
  hit: Hit,
): { anomaly: Anomaly; trigger?: RevisionTrigger } => {
  const isFading = hit.scored.inference.score < FADING * anomaly.worst.inference.score;
  const fused = isFading ? anomaly : fuse([hit], anomaly);
  const worst = worstOf([anomaly.worst, hit.scored]);
  const verdict = verdictOf(manifest, fusedPosterior(fused.evidence), worst.inference.equipmentScore);
  const next: Anomaly = { ...anomaly, ...fused, worst, verdict, misses: 0, lastHit: hit.scored.window.end };
  const trigger: RevisionTrigger | undefined =
    verdict.equipment !== anomaly.verdict.equipment || verdict.fault !== anomaly.verdict.fault
      ? 'verdict-changed'
      : Math.abs(verdict.confidence - anomaly.reported.confidence) >= CONFIDENCE_STEP
        ? 'confidence-changed'
        : worst.inference.score >= 2 * anomaly.reported.score
          ? 'score-doubled'
          : undefined;
  return trigger === undefined ? { anomaly: next } : { anomaly: revised(next), trigger };
};

const revised = (anomaly: Anomaly): Anomaly => ({
  ...anomaly,
  revision: anomaly.revision + 1,
  reported: { confidence: anomaly.verdict.confidence, score: anomaly.worst.inference.score },
});

/** The open anomaly whose equipment a window still holds for possible: likes that it cannot tell apart are no second fault. */
const stillSuspect = (manifest: Manifest, open: readonly Anomaly[], joint: Float64Array): Anomaly | undefined => {
  const mass = equipmentMass(manifest, joint);
  const names = verdictEquipment(manifest);
  const shareOf = ({ verdict }: Anomaly): number => mass[names.indexOf(verdict.equipment)] ?? 0;
  return open
    .filter((anomaly) => shareOf(anomaly) >= STILL_SUSPECT)
    .reduce<Anomaly | undefined>(
      (most, anomaly) => (most === undefined || shareOf(anomaly) > shareOf(most) ? anomaly : most),
      undefined,
    );
};

/** Takes one scored window, in packet-time order. Pure: the given state is left as it is. */
export const trackWindow = (
  place: Place,
  manifest: Manifest,
  from: TrackerState,
  window: ScoredWindow,
): TrackerStep => {
  const { state, revisions: before } = afterLoss(manifest, from, window);
  const { state: evidence, scored } = judgeEvidence(manifest, state, window, state.open.length > 0);
  const step = trackScored(place, manifest, state, scored);
  const { open } = step.state;
  const isRegime =
    evidence.sustained !== undefined &&
    open.length > 0 &&
    open.every(({ start }) => window.window.end - start >= regimeMs(manifest));
  const accepted = isRegime ? acceptRegime(manifest, step, evidence, window.window.end) : undefined;
  const next = accepted ?? { ...step, state: { ...step.state, ...evidence } };
  return { ...next, revisions: [...before, ...next.revisions] };
};

/** A condition that has lasted this long is no passing fault but the present state: a day, and long enough beside what is remembered. */
const REGIME_MS = 86_400_000;
const REGIME_FRAMES = 1024;
const regimeMs = ({ sampling }: Manifest): number => Math.max(REGIME_MS, REGIME_FRAMES * sampling.periodMs);

/** Closes what is open with a revision that says why, and takes what is now for ordinary: never silently. */
const acceptRegime = (
  manifest: Manifest,
  { state, revisions }: TrackerStep,
  evidence: EvidenceState,
  time: number,
): TrackerStep => ({
  state: { open: [], recent: [], ...acceptEvidence(manifest, evidence) },
  revisions: [
    ...revisions.filter(({ anomaly }) => !state.open.some(({ id }) => id === anomaly.id)),
    ...state.open.map((anomaly): Revision => {
      const isRevised = revisions.some((revision) => revision.anomaly.id === anomaly.id);
      return { anomaly: isRevised ? anomaly : revised(anomaly), trigger: 'new-regime', state: 'closed', time };
    }),
  ],
});

const trackScored = (place: Place, manifest: Manifest, state: TrackerState, scored: ScoredWindow): TrackerStep => {
  const { threshold, returnThreshold, persistence } = manifest.calibration;
  const time = scored.window.end;
  const revisions: Revision[] = [];
  // Hysteresis: what is open stays open until the score has clearly come back, lest one fault opens ten anomalies.
  const isHit = scored.inference.score >= (state.open.length > 0 ? returnThreshold : threshold);
  const joint = isHit ? jointPosterior(manifest, scored.inference.peepholes) : undefined;
  // Named by the rule that names anomalies: by another one an undecided window would never count for the anomaly it opened.
  const own = joint && verdictOf(manifest, joint, scored.inference.equipmentScore);
  const hit: Hit | undefined = joint && own && { scored, joint, equipment: own.equipment };
  // A window that names no fault is no case for a second anomaly: its shaking belongs to the one that is open.
  const undecided = own?.fault === UNKNOWN ? state.open.at(-1) : undefined;
  const owned =
    state.open.find(({ verdict }) => verdict.equipment === hit?.equipment) ??
    undecided ??
    (joint && stillSuspect(manifest, state.open, joint));
  const open = state.open.flatMap((anomaly): Anomaly[] => {
    if (hit !== undefined && anomaly === owned) {
      const extended = extendAnomaly(manifest, anomaly, hit);
      if (extended.trigger)
        revisions.push({ anomaly: extended.anomaly, trigger: extended.trigger, state: 'open', time });
      return [extended.anomaly];
    }
    if (anomaly.misses + 1 < persistence.n) return [{ ...anomaly, misses: anomaly.misses + 1 }];
    revisions.push({ anomaly: revised(anomaly), trigger: 'returned-to-normal', state: 'closed', time });
    return [];
  });

  // Windows that an open anomaly has taken are spent: they do not count towards another one.
  const counts = hit !== undefined && owned === undefined && scored.inference.score >= threshold;
  const recent = [...state.recent, counts ? hit : undefined].slice(-persistence.n);
  const candidates = recent
    .filter((item) => item !== undefined)
    .filter((item) => open.length === 0 || item.equipment === hit?.equipment);
  if (!counts || candidates.length < persistence.k) return { state: { open, recent }, revisions };

  const anomaly = openAnomaly(place, manifest, candidates, scored.window.end);
  const same = open.find(({ verdict }) => verdict.equipment === anomaly.verdict.equipment);
  if (same !== undefined) return { state: { open, recent }, revisions };
  revisions.push({ anomaly, trigger: 'opened', state: 'open', time });
  return {
    state: {
      open: [...open, anomaly],
      recent: recent.map((item) => (item && candidates.includes(item) ? undefined : item)),
    },
    revisions,
  };
};

/** Telemetry is lost from packet time `time` on. What is open waits for the next window: a hole of a few packets is no end of a fault. */
export const loseTelemetry = (state: TrackerState, time: number): TrackerStep => ({
  state: state.open.length === 0 ? emptied(state) : { ...state, lostAt: state.lostAt ?? time },
  revisions: [],
});

/** Goes on with what is open if the hole was no longer than a window spans; else all of it ended with the telemetry. */
const afterLoss = ({ sampling }: Manifest, state: TrackerState, { window }: ScoredWindow): TrackerStep => {
  const { lostAt, ...rest } = state;
  if (lostAt === undefined) return { state, revisions: [] };
  const hole = window.start - lostAt;
  // A clock that was set back leaves a hole of less than nothing.
  const isShort = hole >= 0 && hole <= sampling.window * sampling.periodMs;
  return isShort ? { state: rest, revisions: [] } : closeAll(state, lostAt, 'telemetry-lost');
};

/** Closes what is open at packet time `time`: telemetry was lost for longer than can be judged, or the pass ended. Forgets the recent windows. */
export const closeAll = (
  state: TrackerState,
  time: number,
  trigger: 'telemetry-lost' | 'end-of-pass',
): TrackerStep => ({
  state: emptied(state),
  revisions: state.open.map((anomaly) => ({
    ...{ anomaly: revised(anomaly), state: 'closed' },
    ...(state.lostAt === undefined ? { trigger, time } : { trigger: 'telemetry-lost', time: state.lostAt }),
  })),
});
