/**
 * Small missions with telemetry of known structure: a common slow cause (an AR process), each equipment's own cause, and a little
 * noise of each parameter, so that parameters imply each other.
 */
import type { AssemblyItem } from '../../src/core/telemetry/assembler-state';
import { createRandom } from '../../src/core/random';
import { missionSchema, type Mission } from '../../src/domain/mission';
import { T0 } from './tiny-mission';

export interface SyntheticParameter {
  readonly id: string;
  readonly equipment?: string;
  readonly units?: string;
  readonly title?: string;
}

export interface SyntheticChoice {
  readonly window?: number;
  readonly stride?: number;
  readonly faults?: readonly string[];
}

export const syntheticMission = (
  parameters: readonly SyntheticParameter[],
  { window = 8, stride = 4, faults = ['offset', 'impulse'] }: SyntheticChoice = {},
): Mission =>
  missionSchema.parse({ spacecraft: 'SYN-1', sampling: { period: '1s', window, stride }, faults, parameters });

/** Equipments `u0`, `u1`.. with parameters `a` and `b`, in volts and amperes. */
export const alikeParameters = (equipments: number): SyntheticParameter[] =>
  Array.from({ length: equipments }, (_, index) => `u${String(index)}`).flatMap((equipment) => [
    { id: `${equipment}_a`, equipment, units: 'V' },
    { id: `${equipment}_b`, equipment, units: 'A' },
  ]);

/** Engineering value = level + scale x standardised value: the parameters' sizes differ by decades. */
export const levelOf = (row: number): number => [100, -3, 2000, 0.5, 7][row % 5] ?? 0;
export const scaleOf = (row: number): number => [12, 0.4, 300, 0.02, 1][row % 5] ?? 1;

/** Lays something over a value: engineering units. */
export type Change = (value: number, row: number, frame: number) => number;

/** Consecutive frames; a frame of which a change makes a value NaN is a frame with a missing sample. */
export const syntheticFrames = (
  mission: Mission,
  frames: number,
  seed: number,
  change: Change = (value) => value,
): AssemblyItem[] => {
  const random = createRandom(seed);
  const { periodMs } = mission.sampling;
  const causes = new Map<string, number>([['', random.normal()]]);
  const step = (name: string): number => {
    const next = 0.9 * (causes.get(name) ?? random.normal()) + Math.sqrt(1 - 0.81) * random.normal();
    causes.set(name, next);
    return next;
  };
  return Array.from({ length: frames }, (_, index) => {
    const common = step('');
    const own = new Map(mission.parameters.map(({ equipment = '' }) => [equipment, 0]));
    for (const name of own.keys()) own.set(name, name === '' ? 0 : step(name));
    const values = Float64Array.from(mission.parameters, ({ equipment = '' }, row) => {
      const standard =
        0.8 * common + 0.55 * (row % 2 === 0 ? 1 : -1) * (own.get(equipment) ?? 0) + 0.25 * random.normal();
      return change(levelOf(row) + scaleOf(row) * standard, row, index);
    });
    const slot = T0 / periodMs + index;
    return { kind: 'frame', slot, frame: { time: slot * periodMs, values }, received: values.slice() };
  });
};

/** The frames without those in [first, last]: a gap in telemetry. */
export const withGap = (assembled: readonly AssemblyItem[], first: number, last: number): AssemblyItem[] =>
  assembled.flatMap((item, index): AssemblyItem[] => {
    if (index < first || index > last) return [item];
    const [from, to] = [assembled[first], assembled[last]];
    if (index > first || from?.kind !== 'frame' || to?.kind !== 'frame') return [];
    return [{ kind: 'gap', first: from.slot, last: to.slot, lostAt: from.frame.time }];
  });
