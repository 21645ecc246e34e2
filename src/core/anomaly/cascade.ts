/**
 * When one cause moves many units: which of the open anomalies is the root and which are its symptoms. Decided by declared
 * dependencies (`equipment: [{ id, feeds }]`), by order in time, and by which explanation needs least. Pure.
 */
import { UNKNOWN, type Cascade } from '../../domain/explanation';
import { isFaultClass } from '../../domain/fault-classes';
import type { Manifest } from '../../domain/manifest';
import type { Anomaly, Revision, TrackerStep } from './anomaly-tracker';

/** Equipments that an equipment feeds, directly or through others; itself not among them. */
export type Feeds = ReadonlyMap<string, ReadonlySet<string>>;

/** Fewer units at once may be two faults of their own: none is kept quiet for the other without a declared dependency. */
const LEAST_UNITS = 3;
/** A symptom outlasts its root by so many windows before it is looked at by itself. */
const GRACE_WINDOWS = 4;
/** A taught fault is named with confidence if it is at least as likely as all else together. */
const LEAST_NAMED = 0.5;

/** @param equipment with what each feeds; loops are allowed, as power and thermal control have them. */
export const feedsOf = (
  equipment: readonly { readonly id: string; readonly feeds?: readonly string[] | undefined }[],
): Feeds => {
  const direct = new Map(equipment.map(({ id, feeds = [] }) => [id, feeds]));
  return new Map(
    equipment.map(({ id }) => {
      const reached = new Set<string>();
      const waiting = [...(direct.get(id) ?? [])];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (reached.has(next)) continue;
        reached.add(next);
        waiting.push(...(direct.get(next) ?? []));
      }
      reached.delete(id);
      return [id, reached];
    }),
  );
};

type Reason = Extract<Cascade, { readonly role: 'symptom' }>['reason'];

interface Link {
  readonly root: Anomaly;
  readonly reason: Reason;
  /** How long it stays a symptom after its root has closed, milliseconds. */
  readonly graceMs: number;
}

/** Time that a window spans: what begins within it begins at once, as far as windows can tell. */
const spanOf = ({ sampling: { periodMs, window } }: Manifest): number => periodMs * window;

const graceOf = (manifest: Manifest): number => GRACE_WINDOWS * spanOf(manifest);

/** Share of the evidence of its worst window that the anomaly's own unit carries: the larger, the less is left to explain otherwise. */
const ownShare = ({ equipment }: Manifest, { verdict, worst }: Anomaly): number => {
  const scores = [...worst.inference.equipmentScore].map((value) => Math.max(0, value));
  const total = scores.reduce((sum, value) => sum + value, 0);
  return total === 0 ? 0 : (scores[equipment.indexOf(verdict.equipment)] ?? 0) / total;
};

/** The root that declared dependencies give: fed by it, and not begun clearly before it; of several the earliest. */
const declaredRoot = (manifest: Manifest, feeds: Feeds, own: Anomaly, open: readonly Anomaly[]): Link | undefined => {
  const [root] = open
    .filter(({ id, verdict }) => id !== own.id && feeds.get(verdict.equipment)?.has(own.verdict.equipment) === true)
    .filter(({ verdict, start }) => {
      // In a loop each feeds the other: then the earlier one is the root.
      const isMutual = feeds.get(own.verdict.equipment)?.has(verdict.equipment) === true;
      return isMutual ? start < own.start : start <= own.start + spanOf(manifest);
    })
    .sort((a, b) => a.start - b.start);
  return root && { root, reason: 'declared', graceMs: graceOf(manifest) };
};

/** The root among units that began to deviate at once, when they are many. */
const commonRoot = (manifest: Manifest, own: Anomaly, open: readonly Anomaly[]): Link | undefined => {
  const { periodMs, stride } = manifest.sampling;
  const group = open.filter(({ start }) => Math.abs(start - own.start) <= spanOf(manifest));
  if (group.length < LEAST_UNITS) return undefined;
  const earliest = Math.min(...group.map(({ start }) => start));
  const first = group.filter(({ start }) => start - earliest < stride * periodMs);
  const root = first.reduce((best, item) => (ownShare(manifest, item) > ownShare(manifest, best) ? item : best));
  if (root.id === own.id) return undefined;
  return { root, reason: first.length === 1 ? 'earlier' : 'least', graceMs: graceOf(manifest) };
};

/**
 * Whether the verdict is an explanation of its own: with confidence it names a fault that labelled passes taught for the unit. The
 * general classes (`offset`, `drift`) only describe how signals deviate, and those of a consequence deviate as much.
 */
const namesTaughtFault = ({ verdict: { fault, confidence } }: Anomaly): boolean =>
  fault !== UNKNOWN && !isFaultClass(fault) && confidence >= LEAST_NAMED;

/**
 * The root that an anomaly succeeds: the windows went over from the one to the other without a break, and what they show is no stronger.
 * A battery, for example, stays warm after its heater. What goes on for longer than its cause took is looked at by itself, and so is
 * what has an explanation of its own: faults may follow each other.
 */
const precedingRoot = (manifest: Manifest, own: Anomaly, open: readonly Anomaly[]): Link | undefined => {
  if (namesTaughtFault(own)) return undefined;
  const [root] = open
    .filter(({ start, lastHit }) => start < own.start && lastHit < own.start && own.start - lastHit <= spanOf(manifest))
    .filter(({ worst }) => own.worst.inference.score <= worst.inference.score)
    .sort((a, b) => a.start - b.start);
  return root && { root, reason: 'earlier', graceMs: Math.max(graceOf(manifest), root.lastHit - root.start) };
};

const linkOf = (manifest: Manifest, feeds: Feeds, own: Anomaly, open: readonly Anomaly[]): Link | undefined =>
  declaredRoot(manifest, feeds, own, open) ?? commonRoot(manifest, own, open) ?? precedingRoot(manifest, own, open);

/** The symptom's root is followed to its own root, so that one anomaly stands for all. */
const finalRoot = (link: Link, links: ReadonlyMap<string, Link>): Link => {
  const passed = new Set<string>();
  let { root } = link;
  for (let next = links.get(root.id); next !== undefined && !passed.has(root.id); next = links.get(root.id)) {
    passed.add(root.id);
    root = next.root;
  }
  return { ...link, root };
};

/** What an anomaly goes by after its root has closed. Order in time no longer explains one that has found its own explanation. */
const lingering = (anomaly: Anomaly, time: number): Cascade | undefined => {
  const { cascade, cascadeUntil = -Infinity } = anomaly;
  if (cascade?.role !== 'symptom' || time > cascadeUntil) return undefined;
  return cascade.reason === 'earlier' && namesTaughtFault(anomaly) ? undefined : cascade;
};

const isSame = (a: Cascade | undefined, b: Cascade | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

interface Part {
  readonly cascade: Cascade;
  readonly graceMs: number;
}

/** The part of every open anomaly in a cascade; undefined of one that stands alone. */
const partsOf = (manifest: Manifest, feeds: Feeds, open: readonly Anomaly[]): ReadonlyMap<string, Part> => {
  const links = new Map(
    open.flatMap((own) => {
      const link = linkOf(manifest, feeds, own, open);
      return link === undefined ? [] : [[own.id, link] as const];
    }),
  );
  const parts = new Map<string, Part>();
  const symptoms = new Map<string, { id: string; equipment: string }[]>();
  for (const own of open) {
    const link = links.get(own.id);
    if (link === undefined) continue;
    const { root, reason, graceMs } = finalRoot(link, links);
    if (root.id === own.id) continue;
    const cascade: Cascade = { role: 'symptom', root: root.id, equipment: root.verdict.equipment, reason };
    parts.set(own.id, { cascade, graceMs });
    const others = symptoms.get(root.id) ?? [];
    symptoms.set(root.id, [...others, { id: own.id, equipment: own.verdict.equipment }]);
  }
  for (const [id, own] of symptoms)
    if (!parts.has(id)) parts.set(id, { cascade: { role: 'root', symptoms: own }, graceMs: 0 });
  return parts;
};

const withCascade = (anomaly: Anomaly, cascade: Cascade | undefined, until: number | undefined): Anomaly => {
  const { cascade: _, cascadeUntil: __, ...alone } = anomaly;
  return {
    ...alone,
    ...(cascade !== undefined && { cascade }),
    ...(until !== undefined && cascade !== undefined && { cascadeUntil: until }),
  };
};

/**
 * Relates the open anomalies of a step to each other. One whose part changed gets a revision that says so; one that the step
 * revises anyway says it in that revision.
 * @param time packet time of the step, milliseconds.
 */
export const relateAnomalies = (manifest: Manifest, feeds: Feeds, step: TrackerStep, time: number): TrackerStep => {
  const { open } = step.state;
  if (open.length < 2 && open.every(({ cascade }) => cascade === undefined)) return step;
  const parts = partsOf(manifest, feeds, open);
  const revisions = [...step.revisions];
  const related = open.map((anomaly) => {
    const found = parts.get(anomaly.id);
    const cascade = found?.cascade ?? lingering(anomaly, time);
    const next = withCascade(anomaly, cascade, found === undefined ? anomaly.cascadeUntil : time + found.graceMs);
    const at = revisions.findIndex((revision) => revision.anomaly.id === anomaly.id);
    const revised = revisions[at];
    if (revised !== undefined)
      revisions[at] = { ...revised, anomaly: withCascade(revised.anomaly, cascade, next.cascadeUntil) };
    else if (!isSame(anomaly.cascade, cascade)) {
      const told: Anomaly = { ...next, revision: next.revision + 1 };
      const revision: Revision = { anomaly: told, trigger: 'cascade-changed', state: 'open', time };
      revisions.push(revision);
      return told;
    }
    return next;
  });
  return { state: { ...step.state, open: related }, revisions };
};
