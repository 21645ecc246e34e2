/** From a seed to everything that will happen in one run: what the spacecraft sends, and what goes wrong on the way and within. */
import { createRandom, type Random } from '../../core/random';
import type { PartialFrame } from '../../domain/telemetry';
import { actionStates, type ActionState } from '../../domain/rules';
import { PACKET_START, PARAMETERS, PERIOD_MS } from './tiny-telemetry';
import type { RuleProfile } from './toy-mission';

/** `lossless`: only delays, repetitions, outages and deaths, after which all must be as if nothing had happened; `anything`: everything. */
export const planKinds = ['lossless', 'anything'] as const;
export type PlanKind = (typeof planKinds)[number];

export interface PlannedMessage {
  /** When it reaches the broker, if that is there: milliseconds since the run began. */
  readonly at: number;
  readonly frames: readonly PartialFrame[];
  /** Could not be decoded. */
  readonly isGarbage: boolean;
}

/** Where within its work a process can end. */
export const deathPoints = [
  'inference',
  'before-commit',
  'after-commit',
  'before-send',
  'after-send',
  'acknowledge',
] as const;
export type DeathPoint = (typeof deathPoints)[number];

export interface Death {
  readonly point: DeathPoint;
  /** The how-manieth time this point is reached since the last death. */
  readonly nth: number;
  readonly downMs: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Outage extends Span {
  /** The broker comes back without what it had. */
  readonly forgets: boolean;
}

export interface PlannedOrder {
  readonly at: number;
  readonly order: 'approve' | 'reject' | ActionState;
}

/** Files are loaded anew: the same ones, another model, or files that are refused. */
export const reloadOutcomes = ['same', 'other-model', 'refused'] as const;
export interface PlannedReload {
  readonly at: number;
  readonly outcome: (typeof reloadOutcomes)[number];
}

export interface Plan {
  readonly seed: number;
  readonly kind: PlanKind;
  readonly temper: RuleProfile;
  readonly mode: ActionState;
  /** What arrives at the broker, and when. */
  readonly messages: readonly PlannedMessage[];
  /** The spacecraft's clock begins anew midway, and everything happens again at the same packet times. */
  readonly isRelived: boolean;
  /** The same as it was sent. */
  readonly pristine: readonly PlannedMessage[];
  readonly outages: readonly Outage[];
  readonly deaths: readonly Death[];
  /** The wall clock jumps by so much. */
  readonly clockJumps: readonly { readonly at: number; readonly byMs: number }[];
  readonly diskFull: readonly Span[];
  /** Inferences fail in that time; `nan`: they answer, and say nothing. */
  readonly inferenceFails: readonly (Span & { readonly nan: boolean })[];
  readonly orders: readonly PlannedOrder[];
  readonly reloads: readonly PlannedReload[];
  /** Windows that the model may have at once: with more than one it has a thread of its own. */
  readonly ahead: number;
  /** Messages that the broker has under way to the daemon at most. */
  readonly receiveMaximum: number;
  /** How the spacecraft answers its n-th request. */
  readonly answers: readonly ('completes' | 'fails' | 'silent')[];
}

const chance = (random: Random, probability: number): boolean => random.uniform() < probability;
const between = (random: Random, low: number, high: number): number => low + random.int(high - low + 1);
const some = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const pick = <T>(random: Random, items: readonly [T, ...T[]]): T => items[random.int(items.length)] ?? items[0];

/** Small, never the same twice in a row, with up to three faults laid over. */
const telemetry = (random: Random, count: number): readonly PartialFrame[] => {
  const faults = some(random.int(4), () => ({
    parameter: random.int(PARAMETERS.length),
    first: between(random, 6, count - 12),
    length: between(random, 1, 14),
    size: pick(random, [2, 5, 45, 60, 90, 150, -60]),
  }));
  return some(count, (index) => ({
    time: PACKET_START + index * PERIOD_MS,
    values: Object.fromEntries(
      PARAMETERS.map((id, at) => {
        const added = faults.filter(
          ({ parameter, first, length }) => parameter === at && index >= first && index < first + length,
        );
        return [id, ((index * 7 + at * 3) % 5) / 10 + added.reduce((sum, { size }) => sum + size, 0)];
      }),
    ),
  }));
};

/** A frame as one message or as two, or several frames as one. */
const cut = (random: Random, frames: readonly PartialFrame[]): PlannedMessage[] => {
  const splits = chance(random, 0.3);
  const batch = chance(random, 0.3) ? between(random, 2, 6) : 1;
  const messages: PlannedMessage[] = [];
  const push = (parts: readonly PartialFrame[]): void => {
    const last = parts.at(-1);
    if (last !== undefined) messages.push({ at: last.time - PACKET_START, frames: parts, isGarbage: false });
  };
  if (!splits) for (let index = 0; index < frames.length; index += batch) push(frames.slice(index, index + batch));
  else
    for (const { time, values } of frames) {
      const entries = Object.entries(values);
      push([{ time, values: Object.fromEntries(entries.slice(0, 2)) }]);
      push([{ time, values: Object.fromEntries(entries.slice(2)) }]);
    }
  return messages;
};

/** What happens between the spacecraft and the broker. The first and last seconds are left alone, lest they decide the outcome. */
const underWay = (random: Random, messages: readonly PlannedMessage[], kind: PlanKind): PlannedMessage[] => {
  const [repeats, swaps, loses, garbles] = [0.1, 0.1, 0.08, 0.03].map((most) =>
    chance(random, 0.5) ? random.uniform() * most : 0,
  ) as [number, number, number, number];
  const jump =
    kind === 'anything' && chance(random, 0.1)
      ? {
          after: random.int(messages.length),
          byMs: pick(random, [-3_600_000, -5000, 5000, 3_600_000, 400 * 86_400_000]),
        }
      : undefined;
  const late = chance(random, 0.3)
    ? { after: random.int(messages.length), byMs: between(random, 1000, 20_000) }
    : undefined;
  // A message of several frames that comes after the next one is late, which is a loss.
  const maySwap = kind === 'anything' || messages.every(({ frames }) => frames.length === 1);
  const arrived: PlannedMessage[] = [];
  const first = messages.length - 8;
  let held: PlannedMessage | undefined;
  let notBefore = 0;
  messages.forEach((message, index) => {
    const isCalm = index < 4 || index > first;
    const frames =
      jump === undefined || index < jump.after
        ? message.frames
        : message.frames.map(({ time, values }) => ({ time: time + jump.byMs, values }));
    if (late !== undefined && index === late.after) notBefore = message.at + late.byMs;
    const at = Math.max(notBefore, message.at) + random.int(200);
    notBefore = Math.max(notBefore, at);
    const sent = { ...message, frames, at };
    if (kind === 'anything' && !isCalm && chance(random, loses)) return;
    if (kind === 'anything' && chance(random, garbles)) arrived.push({ at, frames: [], isGarbage: true });
    if (held === undefined && maySwap && !isCalm && chance(random, swaps)) {
      held = sent;
      return;
    }
    arrived.push(sent);
    if (held !== undefined) {
      arrived.push({ ...held, at });
      held = undefined;
    }
    if (chance(random, repeats)) arrived.push({ ...sent, at: at + random.int(5000) });
  });
  if (held !== undefined) arrived.push(held);
  return arrived.sort((a, b) => a.at - b.at);
};

/**
 * A computer that is switched on again counts from where it began. A fault that is due to what it does comes at the same time.
 */
export const relived = (messages: readonly PlannedMessage[], afterMs: number): PlannedMessage[] => [
  ...messages,
  ...messages.map((message) => ({ ...message, at: message.at + afterMs })),
];

const spans = (random: Random, probability: number, end: number, longest: number): readonly Span[] =>
  chance(random, probability)
    ? some(between(random, 1, 2), () => random.int(end)).map((from) => ({
        from,
        to: from + between(random, 100, longest),
      }))
    : [];

/** Another model leaves its name in every record: where nothing may differ the model stays. */
const reloadsOf = (random: Random, end: number, isLossless: boolean): readonly PlannedReload[] =>
  some(chance(random, 0.4) ? between(random, 1, 3) : 0, () => ({
    at: random.int(end),
    outcome: pick(random, isLossless ? ['same', 'refused'] : reloadOutcomes),
  }));

/** The same seed is the same run, on every machine. */
export const planOf = (seed: number): Plan => {
  const random = createRandom(seed);
  const kind = planKinds[seed % 2] ?? 'lossless';
  const isLossless = kind === 'lossless';
  const count = between(random, 26, 46);
  const isRelived = kind === 'anything' && chance(random.fork('relived'), 0.1);
  const end = count * PERIOD_MS * (isRelived ? 2 : 1);
  const once = cut(random.fork('cut'), telemetry(random.fork('telemetry'), count));
  const pristine = isRelived ? relived(once, count * PERIOD_MS) : once;
  const messages = underWay(random.fork('link'), pristine, kind);
  const inside = random.fork('inside');
  const deaths = some(chance(inside, 0.7) ? between(inside, 1, 4) : 0, (): Death => ({
    point: pick(inside, deathPoints as unknown as [DeathPoint, ...DeathPoint[]]),
    nth: between(inside, 1, 25),
    downMs: between(inside, 50, isLossless ? 5000 : 30_000),
  }));
  return {
    seed,
    kind,
    temper: isLossless ? 'patient' : 'hasty',
    mode: isLossless || chance(inside, 0.7) ? 'active' : pick(inside, ['passive', 'disabled']),
    messages,
    isRelived,
    pristine,
    outages: spans(inside, 0.4, end, isLossless ? 10_000 : 40_000).map((span) => ({
      ...span,
      forgets: !isLossless && chance(inside, 0.3),
    })),
    deaths,
    clockJumps:
      !isLossless && chance(inside, 0.2)
        ? [{ at: inside.int(end), byMs: pick(inside, [-86_400_000, -10_000, 10_000, 86_400_000]) }]
        : [],
    diskFull: spans(inside, 0.3, end, isLossless ? 8000 : 60_000),
    inferenceFails: isLossless
      ? []
      : spans(inside, 0.3, end, 20_000).map((span) => ({ ...span, nan: chance(inside, 0.3) })),
    orders: isLossless
      ? []
      : some(inside.int(6), (): PlannedOrder => ({
          at: inside.int(end),
          order: pick(inside, ['approve', 'approve', 'approve', 'reject', ...actionStates]),
        })),
    reloads: reloadsOf(random.fork('reloads'), end, isLossless),
    ahead: pick(random.fork('ahead'), [1, 2, 3]),
    receiveMaximum: pick(inside, [1, 2, 16, 64]),
    answers: some(40, () => pick(inside, ['completes', 'completes', 'completes', 'fails', 'silent'])),
  };
};

/** The same telemetry, with nothing going wrong. */
export const calm = (plan: Plan): Plan => ({
  ...plan,
  ahead: 1,
  messages: plan.pristine,
  outages: [],
  deaths: [],
  clockJumps: [],
  diskFull: [],
  inferenceFails: [],
  reloads: [],
});
