/** Which partition a spacecraft belongs to, and how partitions are shared among workers. The same on every machine. */

/** FNV-1a, 32 bits. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

export const partitionOf = (spacecraft: string, partitions: number): number => {
  let hash = OFFSET;
  for (let index = 0; index < spacecraft.length; index += 1)
    hash = Math.imul(hash ^ spacecraft.charCodeAt(index), PRIME) >>> 0;
  return hash % partitions;
};

/** A partition as its lease shows it. */
export interface SharedPartition {
  readonly partition: number;
  readonly owner: string;
  /** Its lease has not run out. */
  readonly isHeld: boolean;
  /** The worker that a person gave it to. */
  readonly wanted: string | null;
}

export interface Share {
  /** To be handed over in order. */
  readonly give: readonly number[];
  /** Nobody has them. */
  readonly take: readonly number[];
}

export interface Sharing {
  readonly worker: string;
  /** Workers that are there, those that are drained left out. */
  readonly workers: readonly string[];
  readonly partitions: number;
  /** Those that have a lease at all. */
  readonly leases: readonly SharedPartition[];
}

/**
 * What one worker gives away and takes. Each has an equal share, rounded up; what a person moved stays where it was moved to, while that
 * worker is there.
 */
export const shareOf = ({ worker, workers, partitions, leases }: Sharing): Share => {
  const isThere = (name: string | null): boolean => name !== null && workers.includes(name);
  const own = leases.filter(({ owner, isHeld }) => isHeld && owner === worker);
  if (!workers.includes(worker)) return { give: own.map(({ partition }) => partition), take: [] };
  const pinned = ({ wanted }: SharedPartition): boolean => wanted === worker;
  const moved = own.filter(({ wanted }) => wanted !== worker && isThere(wanted));
  const staying = own.filter((item) => !moved.includes(item));
  const target = Math.ceil(partitions / workers.length);
  const loose = staying.filter((item) => !pinned(item));
  const surplus = Math.max(0, Math.min(loose.length, staying.length - target));
  const given = [...moved, ...loose.slice(loose.length - surplus)].map(({ partition }) => partition);
  const byNumber = new Map(leases.map((lease) => [lease.partition, lease]));
  const free = Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => byNumber.get(partition)?.isHeld !== true,
  );
  const mine = free.filter((partition) => byNumber.get(partition)?.wanted === worker);
  const anyones = free.filter((partition) => !isThere(byNumber.get(partition)?.wanted ?? null));
  const room = Math.max(0, target - staying.length - mine.length);
  return { give: given, take: [...mine, ...anyones.slice(0, room)] };
};
