/** A mission of two wheels with two parameters each, sampled every second, and telemetry for it. */
import { missionSchema, type Mission } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';

/** 2026-03-01T00:00:00Z, a multiple of every period used here. */
export const T0 = Date.UTC(2026, 2, 1);

export const TINY_MISSION_YAML = `spacecraft: TINY-1
sampling: { period: 1s, window: 4, stride: 2 }
parameters:
  - { id: rw0_speed, equipment: rw0, valid: [-100, 100], limits: { warning: [-50, 50], critical: [-80, 80] }, staleAfter: 5s }
  - { id: rw0_current, equipment: rw0, staleAfter: 5s }
  - { id: rw1_speed, equipment: rw1, valid: [-100, 100], limits: { warning: [-50, 50], critical: [-80, 80] }, staleAfter: 5s }
  - { id: rw1_current, equipment: rw1, staleAfter: 5s }
`;

export const TINY_PARAMETERS = ['rw0_speed', 'rw0_current', 'rw1_speed', 'rw1_current'] as const;

export const tinyMission = (): Mission =>
  missionSchema.parse({
    spacecraft: 'TINY-1',
    sampling: { period: '1s', window: 4, stride: 2 },
    parameters: TINY_PARAMETERS.map((id) => ({
      id,
      equipment: id.slice(0, 3),
      staleAfter: '5s',
      ...(id.endsWith('speed') && { valid: [-100, 100], limits: { warning: [-50, 50], critical: [-80, 80] } }),
    })),
  });

/** All parameters of frame `index`: small, and never the same twice in a row; `change` is laid over it. */
export const tinyValues = (index: number, change: Readonly<Record<string, number>> = {}): Record<string, number> => ({
  ...Object.fromEntries(TINY_PARAMETERS.map((id, at) => [id, ((index * 7 + at * 3) % 5) / 10])),
  ...change,
});

/** Lines of a CSV pass; `changeAt` may lay values over a frame. */
export const tinyPass = (
  frames: number,
  changeAt: (index: number) => Readonly<Record<string, number>> = () => ({}),
): string[] => [
  ['time', ...TINY_PARAMETERS].join(','),
  ...Array.from({ length: frames }, (_, index) => {
    const values = tinyValues(index, changeAt(index));
    return [isoTime(T0 + index * 1000), ...TINY_PARAMETERS.map((id) => String(values[id]))].join(',');
  }),
];

/** An offset of ten deviations on the current of wheel 1, frames 20 to 39. */
export const offsetOnWheel1 = (index: number): Readonly<Record<string, number>> =>
  index >= 20 && index < 40 ? { rw1_current: 10 } : {};
