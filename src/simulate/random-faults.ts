/** Seeded random faults over a pass: balanced over kinds and wheels, one at a time, with nominal telemetry between them. */
import { createRandom, type Random } from '../core/random';
import { FdirError } from '../domain/errors';
import { FAULT_KINDS, FAULTS, type Fault, type FaultKind } from './faults';
import { WHEELS } from './pyramid';

/** A fault and the nominal stretch around it need this much of the pass. */
const SHORTEST_SLOT_MS = 20 * 60_000;
const SHORTEST_FAULT_MS = 8 * 60_000;
const LONGEST_FAULT_MS = 40 * 60_000;
/** A fault takes at most this share of its slot: the rest is nominal, so that its consequences can die away. */
const LARGEST_SHARE = 0.5;

const shuffle = <T>(items: readonly T[], random: Random): readonly T[] =>
  items
    .map((item) => ({ item, key: random.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

/** Log-uniform in the typical range: a weak fault is as likely as one twice as strong. */
const drawSeverity = (kind: FaultKind, random: Random): number => {
  const [low, high] = FAULTS[kind].typical;
  return Number((low * (high / low) ** random.uniform()).toPrecision(3));
};

/**
 * `count` faults on the frame grid of the pass. Every kind meets every wheel once before any pair comes again.
 * @throws FdirError `usage` when the pass is too short for so many.
 */
export const randomFaults = ({
  count,
  passSeed,
  passStart,
  durationMs,
  periodMs,
}: {
  readonly count: number;
  readonly passSeed: number;
  readonly passStart: number;
  readonly durationMs: number;
  readonly periodMs: number;
}): readonly Fault[] => {
  const slotMs = durationMs / count;
  if (count > 0 && slotMs < SHORTEST_SLOT_MS) {
    const most = Math.floor(durationMs / SHORTEST_SLOT_MS);
    throw new FdirError(
      'usage',
      `${String(count)} random faults need 20 minutes each; this pass has room for ${String(most)}`,
    );
  }
  const random = createRandom(passSeed).fork('random-faults');
  const pairs = FAULT_KINDS.flatMap((kind) => Array.from({ length: WHEELS }, (_, wheel) => ({ kind, wheel })));
  const order: (typeof pairs)[number][] = [];
  while (order.length < count) order.push(...shuffle(pairs, random));
  return order.slice(0, count).map(({ kind, wheel }, slot): Fault => {
    const longest = Math.min(LONGEST_FAULT_MS, slotMs * LARGEST_SHARE);
    const length = SHORTEST_FAULT_MS + (longest - SHORTEST_FAULT_MS) * random.uniform();
    // A quarter of the free time comes before, so that no fault follows another at once.
    const offset = (slotMs - length) * (0.25 + 0.5 * random.uniform());
    const grid = (ms: number): number => Math.round(ms / periodMs) * periodMs;
    return {
      kind,
      wheel,
      start: passStart + grid(slot * slotMs + offset),
      durationMs: grid(length),
      severity: drawSeverity(kind, random),
    };
  });
};
