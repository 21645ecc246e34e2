/** Reads and checks a mission file. */
import { readFileSync } from 'node:fs';
import { FdirError } from '../domain/errors';
import { missionSchema, type Mission } from '../domain/mission';
import { parseYaml } from './yaml-document';

/** Text of a configuration file. @throws FdirError `config` when it cannot be read. */
export const readConfigText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new FdirError('config', `cannot read ${file}`, [
      { file, message: error instanceof Error ? error.message : String(error) },
    ]);
  }
};

/** @throws FdirError `config` with every problem and its line. */
export const loadMission = (file: string): Mission => parseYaml(file, readConfigText(file), missionSchema).value;
