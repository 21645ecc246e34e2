/**
 * Which flags that switched a few times only set the level of something. A switch is compared with the stretches before and after it, in
 * which no other such flag switched. Running sums at the switches are enough for that, so a recording of any length is read once.
 */
import type { PartialFrame } from '../../domain/telemetry';
import { FEWEST_SWITCHES, HIGHEST_STATE, MAX_STATES } from './states';

/** A level that shifted once, or went and came back, is a trend: only what follows so many switches is an effect. */
const FEWEST_STEPS = 6;
/** The mean step in deviations within the stretches: less is hidden in them. */
const LEAST_EFFECT = 1;
/** The mean step in standard errors: slow drift makes steps too, but of either sign. */
const LEAST_CERTAINTY = 5;
/** A state that was there for less of the time than this is no condition that a model can learn. */
const LEAST_SHARE = 0.05;
/** A mean of fewer samples says little. */
const FEWEST_SAMPLES = 3;
/** 32 MB of running sums. Beyond it no more switches are remembered, and those flags are left out as if they explained nothing. */
const MAX_SUMS = 4_000_000;

interface Sums {
  /** Subtracted before squaring: what lies far from zero keeps its digits. */
  readonly origin: number;
  count: number;
  sum: number;
  squares: number;
}

interface Flag {
  last: number | undefined;
  switches: number;
  readonly seen: Map<number, number>;
}

interface Switch {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** Where stretches meet: what switched, nothing at the end of a recording, and the sums so far of every parameter by its number. */
interface Boundary {
  readonly switches: readonly Switch[];
  readonly sums: Float64Array;
}

/** Steps of one parameter at switches of one flag, towards the higher state. */
interface Steps {
  readonly all: number[];
  /** At switches where no other such flag switched: modes take turns, and two flags that cross hide each other's effect. */
  readonly alone: number[];
}

const FIELDS = 3;

/** The mean step in deviations within the stretches; 0 of one that is hidden in them, or may be a drift. */
const effectOf = (steps: readonly number[], deviation: number): number => {
  const { length } = steps;
  if (length < FEWEST_STEPS) return 0;
  const mean = steps.reduce((sum, step) => sum + step, 0) / length;
  const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (length - 1);
  const isCertain = Math.abs(mean) > Math.max(LEAST_EFFECT * deviation, LEAST_CERTAINTY * Math.sqrt(variance / length));
  return isCertain ? Math.abs(mean) / Math.max(deviation, Number.MIN_VALUE) : 0;
};

/** The mean of a parameter between two boundaries; undefined with too few samples. */
const meanBetween = (from: Float64Array, to: Float64Array, at: number): number | undefined => {
  const count = (to[at] ?? 0) - (from[at] ?? 0);
  return count < FEWEST_SAMPLES ? undefined : ((to[at + 1] ?? 0) - (from[at + 1] ?? 0)) / count;
};

/** Takes the frames of one recording after another. */
export class FlagEffects {
  private readonly sums = new Map<string, Sums>();
  private readonly flags = new Map<string, Flag>();
  private boundaries: Boundary[] = [];
  private kept = 0;
  private isFull = false;

  startRecording(): void {
    for (const flag of this.flags.values()) flag.last = undefined;
    if (this.sums.size > 0) this.remember([]);
  }

  take({ values }: PartialFrame): void {
    const switches: Switch[] = [];
    for (const [id, value] of Object.entries(values)) {
      const flag = this.flags.get(id);
      if (flag === undefined) {
        if (!this.sums.has(id)) this.flags.set(id, { last: undefined, switches: 0, seen: new Map() });
      } else if (flag.last !== undefined && flag.last !== value) {
        flag.switches += 1;
        switches.push({ id, from: flag.last, to: value });
      }
      this.follow(id, value);
    }
    const known = switches.filter(({ id }) => this.flags.has(id));
    // The frame of a switch belongs to what follows it.
    if (known.length > 0) this.remember(known);
    for (const [id, value] of Object.entries(values)) this.add(id, value);
  }

  /** By flag, the parameter whose level it sets the most; flags that set none are not in it. Call it once, after all frames. */
  explained(): ReadonlyMap<string, string> {
    this.remember([]);
    this.forgetOthers();
    const found = new Map<string, string>();
    const most = new Map<string, number>();
    [...this.sums.keys()].forEach((id, index) => {
      if (this.flags.has(id)) return;
      const deviation = this.deviationOf(index);
      for (const [flag, pairs] of this.stepsOf(index)) {
        const effects = [...pairs.values()].flatMap(({ all, alone }) => [
          effectOf(all, deviation),
          effectOf(alone, deviation),
        ]);
        const largest = Math.max(...effects);
        if (largest <= (most.get(flag) ?? 0)) continue;
        most.set(flag, largest);
        found.set(flag, id);
      }
    });
    return found;
  }

  /** Whether this may still be a flag that switched a few times only. */
  private follow(id: string, value: number): void {
    const flag = this.flags.get(id);
    if (flag === undefined) return;
    flag.last = value;
    flag.seen.set(value, (flag.seen.get(value) ?? 0) + 1);
    const isState = Number.isInteger(value) && value >= 0 && value <= HIGHEST_STATE && flag.seen.size <= MAX_STATES;
    if (!isState || flag.switches >= FEWEST_SWITCHES) this.flags.delete(id);
  }

  private add(id: string, value: number): void {
    const known = this.sums.get(id);
    if (known === undefined) {
      this.sums.set(id, { origin: value, count: 1, sum: 0, squares: 0 });
      return;
    }
    const off = value - known.origin;
    known.count += 1;
    known.sum += off;
    known.squares += off * off;
  }

  private remember(switches: readonly Switch[]): void {
    const size = FIELDS * this.sums.size;
    if (this.kept + size > MAX_SUMS && !this.isFull) this.forgetOthers();
    this.isFull ||= this.kept + size > MAX_SUMS;
    if (this.isFull && switches.length > 0) {
      for (const { id } of switches) this.flags.delete(id);
      return;
    }
    const sums = new Float64Array(size);
    let at = 0;
    for (const { count, sum, squares } of this.sums.values()) {
      sums.set([count, sum, squares], at);
      at += FIELDS;
    }
    this.boundaries.push({ switches, sums });
    this.kept += size;
  }

  /** Boundaries of what turned out to be no such flag: the stretches beside them are one. */
  private forgetOthers(): void {
    this.boundaries = this.boundaries.flatMap(({ switches, sums }) => {
      const own = switches.filter(({ id }) => this.flags.has(id));
      return own.length > 0 || switches.length === 0 ? [{ switches: own, sums }] : [];
    });
    this.kept = this.boundaries.reduce((total, { sums }) => total + sums.length, 0);
  }

  /** Of one parameter within the stretches. */
  private deviationOf(index: number): number {
    let [squares, count] = [0, 0];
    let before: Float64Array = new Float64Array();
    for (const { sums } of this.boundaries) {
      const [n = 0, sum = 0, square = 0] = [0, 1, 2].map(
        (field) => (sums[FIELDS * index + field] ?? 0) - (before[FIELDS * index + field] ?? 0),
      );
      if (n > 0) squares += Math.max(0, square - sum ** 2 / n);
      count += n;
      before = sums;
    }
    return count === 0 ? 0 : Math.sqrt(squares / count);
  }

  /** By flag, and by the pair of states that it switched between. */
  private stepsOf(index: number): ReadonlyMap<string, ReadonlyMap<string, Steps>> {
    const steps = new Map<string, Map<string, Steps>>();
    this.boundaries.forEach(({ switches, sums }, at) => {
      const [before, after] = [this.boundaries[at - 1]?.sums ?? new Float64Array(), this.boundaries[at + 1]?.sums];
      if (after === undefined) return;
      const [from, to] = [meanBetween(before, sums, FIELDS * index), meanBetween(sums, after, FIELDS * index)];
      if (from === undefined || to === undefined) return;
      for (const one of switches) {
        if (!this.isLearnable(one)) continue;
        const pairs = steps.get(one.id) ?? new Map<string, Steps>();
        const [low, high] = [Math.min(one.from, one.to), Math.max(one.from, one.to)];
        const own = pairs.get(`${String(low)}/${String(high)}`) ?? { all: [], alone: [] };
        const step = one.to > one.from ? to - from : from - to;
        own.all.push(step);
        if (switches.length === 1) own.alone.push(step);
        steps.set(one.id, pairs.set(`${String(low)}/${String(high)}`, own));
      }
    });
    return steps;
  }

  private isLearnable({ id, from, to }: Switch): boolean {
    const seen = this.flags.get(id)?.seen ?? new Map<number, number>();
    const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
    return Math.min(seen.get(from) ?? 0, seen.get(to) ?? 0) >= LEAST_SHARE * total;
  }
}
