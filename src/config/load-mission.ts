/** Reads and checks a mission file. */
import { dirname, resolve } from 'node:path';
import { missionSchema, type Mission } from '../domain/mission';
import { MAX_TEXT_BYTES, readBounded, type ReadFile } from './read-bounded';
import { parseYaml } from './yaml-document';

/** Text of a configuration file. @throws FdirError `config` when it cannot be read. */
export const readConfigText = (file: string, read: ReadFile = readBounded): string =>
  read(file, MAX_TEXT_BYTES).toString('utf8');

/** The definition, and the table of leap seconds, are named relative to the mission file. */
export const withPaths = (file: string, mission: Mission): Mission => {
  if (mission.packets === undefined) return mission;
  const { xtce, leapSeconds, ...rest } = mission.packets;
  const absolute = (path: string): string => resolve(dirname(file), path);
  const packets = { ...rest, xtce: absolute(xtce), ...(leapSeconds && { leapSeconds: absolute(leapSeconds) }) };
  return { ...mission, packets };
};

/** @throws FdirError `config` with every problem and its line. */
export const loadMission = (file: string, read: ReadFile = readBounded): Mission =>
  withPaths(file, parseYaml(file, readConfigText(file, read), missionSchema).value);
