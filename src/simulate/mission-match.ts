/** Whether a mission file describes the wheel assembly that is simulated, and in which order it wants the values. */
import { FdirError, type Problem } from '../domain/errors';
import type { Mission } from '../domain/mission';
import type { Frame } from '../domain/telemetry';
import { simulatedParameters } from './simulate-pass';

/**
 * Puts simulated values into mission order.
 * @throws FdirError `config` listing every parameter that only one side knows.
 */
export const matchMission = (
  mission: Mission,
  file: string,
): ((frames: Iterable<Frame>) => Generator<Frame, void, undefined>) => {
  const ids = mission.parameters.map(({ id }) => id);
  const problems: Problem[] = [
    ...ids
      .filter((id) => !simulatedParameters.includes(id))
      .map((id) => ({ file, message: `parameter "${id}" is not produced by the simulator` })),
    ...simulatedParameters
      .filter((id) => !ids.includes(id))
      .map((id) => ({ file, message: `parameter "${id}" is produced by the simulator but missing` })),
    ...mission.parameters
      .filter(({ id, equipment }) => simulatedParameters.includes(id) && equipment !== id.slice(0, id.indexOf('_')))
      .map(({ id }) => ({
        file,
        message: `parameter "${id}" must have equipment "${id.slice(0, id.indexOf('_'))}", which labels name`,
      })),
  ];
  if (problems.length > 0) {
    throw new FdirError('config', 'the mission is not the reaction-wheel assembly that is simulated', problems);
  }
  const source = ids.map((id) => simulatedParameters.indexOf(id));
  return function* reorder(frames) {
    for (const { time, values } of frames)
      yield { time, values: Float64Array.from(source, (index) => values[index] ?? NaN) };
  };
};
