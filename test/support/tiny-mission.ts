/** A mission of two wheels with two parameters each, sampled every second, and telemetry for it. */
import { PACKET_START, PARAMETERS, TINY_MISSION } from '../../src/bench/campaign/tiny-telemetry';
import { missionSchema, type Mission } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';

/** 2026-03-01T00:00:00Z, a multiple of every period used here. */
export const T0 = PACKET_START;

export const TINY_PARAMETERS = PARAMETERS;

/** Its file. JSON is YAML; each parameter has a line. */
export const TINY_MISSION_YAML = `spacecraft: ${TINY_MISSION.spacecraft}
sampling: ${JSON.stringify(TINY_MISSION.sampling)}
parameters:
${TINY_MISSION.parameters.map((parameter) => `  - ${JSON.stringify(parameter)}\n`).join('')}`;

export const tinyMission = (): Mission => missionSchema.parse(TINY_MISSION);

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
