/** The calibration set of the drillers: nominal windows with faults injected. */
import type { Random } from '../core/random';
import type { InputWindow } from '../core/telemetry/model-input';
import { FdirError } from '../domain/errors';
import type { Window } from '../domain/telemetry';
import { isFaultClass, type FaultClass } from '../domain/fault-classes';
import { memoryOfFaulted } from './faulted-memory';
import { fitFault } from './faults/fit-fault';
import { besidesValues, makeFaulted, makeLasting, standardiseBlock, type Site } from './faulted-window';

/** One faulted window: engineering values, the group it is in and its class. */
export interface Case extends InputWindow {
  readonly group: number;
  readonly fault: number;
  /** Which intensity it was made with; 0 for recorded faults. Faint and strong faults of a class look different. */
  readonly variant: number;
  /**
   * When it is kept back from fitting, for temperature and levels to be calibrated on. An injected one is at every turn or at none; a
   * taught one at a turn of its own.
   */
  readonly held: 'always' | 'never' | number;
  /** From a labelled pass, not injected. */
  readonly taught: boolean;
  /** Of a taught one: a number for the event that its window is of. */
  readonly event?: number;
}

/** Turns in which taught cases are kept back. */
export const TURNS = 4;

/** Whether a case is kept back at a turn; left out: when everything that is taught is learnt. */
export const isHeld = ({ held }: Pick<Case, 'held'>, turn?: number): boolean => held === 'always' || held === turn;

export interface InjectionPlan {
  /** Cases a class, spread over intensities and equipments. */
  readonly perClass: number;
  readonly intensities: readonly number[];
  /**
   * Some cases disturb one channel alone, as a failing sensor does. In some, a part of the disturbance reaches the other equipments, as over
   * a shared shaft or bus. The published method is calibrated without either.
   */
  readonly varied: boolean;
  readonly random: Random;
  readonly report: (message: string) => void;
}

/** Intensities that the drillers learn: the published one, and faint ones, since those are what limit checks miss. */
export const INTENSITIES: readonly number[] = [1, 0.3, 0.1];
/** What the published method is calibrated at. */
export const PUBLISHED_INTENSITIES: readonly number[] = [1];
/** Subspace alteration saturates: the published protocol gives it half the intensity. */
const intensityOf = (fault: string, delta: number): number =>
  fault === 'subspace-alteration' ? (delta >= 1 ? 0.5 : delta >= 0.3 ? 0.35 : 0.26) : delta;

/** Nominal blocks that the fault classes with statistics are fitted on. */
const BLOCKS = 400;
/** One case in four is held back. */
const HELD = 4;
/** Nominal windows next to each other share frames: held cases come from stretches of their own, of so many windows. */
const HELD_STRETCH = 64;
/** Every so many-th case disturbs one channel alone; every so many-th reaches the other equipments. */
const ONE_CHANNEL = 4;
const LEAKING = 5;
/** Every so many-th offset or drift has lasted for longer than the window. */
const LASTING = 4;
/** Windows for the learnt cases, and windows for the held ones. If there are too few to deal out, both get all of them. */
const pools = (nominal: readonly Window[]): readonly [readonly Window[], readonly Window[]] => {
  const isHeld = (index: number): boolean => Math.floor(index / HELD_STRETCH) % HELD === HELD - 1;
  const held = nominal.filter((_, index) => isHeld(index));
  return held.length === 0 ? [nominal, nominal] : [nominal.filter((_, index) => !isHeld(index)), held];
};

/**
 * Faults of the library in nominal windows. If a class cannot reach an intensity on these equipments, it is left out at that intensity.
 * One that reaches none has no cases.
 */
export const injectedCases = (
  nominal: readonly Window[],
  faults: readonly string[],
  site: Site,
  { perClass, intensities, varied, random, report }: InjectionPlan,
): Case[] => {
  const { layout } = site;
  const { groups, frames } = layout;
  const cases: Case[] = [];
  const step = Math.max(1, Math.floor(nominal.length / BLOCKS));
  const reference = nominal.filter((_, index) => index % step === 0);
  const [learn, kept] = pools(nominal);
  const share = Math.ceil(perClass / (intensities.length * groups.length));
  const inject = (fault: FaultClass, index: number, group: number, variant: number): void => {
    const delta = intensityOf(fault, intensities[variant] ?? 1);
    const own = groups[group] ?? [];
    const stream = random.fork(`${fault}/${String(group)}/${String(intensities[variant])}`);
    const target = { ...site, group };
    const nominalBlocks = {
      blocks: reference.map((window) => standardiseBlock(window, target)),
      channels: own.length,
      frames,
    };
    const injector = fitFault(fault, delta, nominalBlocks, { stepsEitherWay: true });
    for (let i = 0; i < share; i += 1) {
      const held = i % HELD === HELD - 1 ? 'always' : 'never';
      const pool = held === 'always' ? kept : learn;
      const window = pool[stream.int(pool.length)];
      if (window === undefined) continue;
      // Held cases are varied as the others are: counted in rounds of four.
      const round = Math.floor(i / HELD) + (i % HELD);
      const oneChannel = varied && own.length > 1 && round % ONE_CHANNEL === 1;
      const leaks = varied && groups.length > 1 && round % LEAKING === 2;
      const lasts = varied && window.memory !== undefined && round % LASTING === 3;
      if (lasts && (fault === 'offset' || fault === 'drift')) {
        const lasting = makeLasting(window, fault, target, stream);
        cases.push({ ...lasting, group, fault: index, variant: intensities.length + 1, held, taught: false });
        continue;
      }
      const values = makeFaulted(window, { injector, oneChannel, leaks }, target, stream);
      const memory = memoryOfFaulted(window, values, frames);
      cases.push({
        ...besidesValues(window),
        ...(memory && { memory }),
        values,
        group,
        fault: index,
        variant: oneChannel ? intensities.length : variant,
        held,
        taught: false,
      });
    }
  };
  faults.forEach((fault, index) => {
    if (!isFaultClass(fault)) return;
    groups.forEach((_, group) => {
      intensities.forEach((delta, variant) => {
        try {
          inject(fault, index, group, variant);
        } catch (error) {
          if (!(error instanceof FdirError)) throw error;
          report(
            `${fault} at intensity ${String(intensityOf(fault, delta))} is left out for equipment ${layout.equipment[group] ?? 'all'}: ${error.message}`,
          );
        }
      });
    });
  });
  return cases;
};
