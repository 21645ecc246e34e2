/** Reads and checks a mission file. */
import { missionSchema, type Mission } from '../domain/mission';
import { MAX_TEXT_BYTES, readBounded, type ReadFile } from './read-bounded';
import { parseYaml } from './yaml-document';

/** Text of a configuration file. @throws FdirError `config` when it cannot be read. */
export const readConfigText = (file: string, read: ReadFile = readBounded): string =>
  read(file, MAX_TEXT_BYTES).toString('utf8');

/** @throws FdirError `config` with every problem and its line. */
export const loadMission = (file: string, read: ReadFile = readBounded): Mission =>
  parseYaml(file, readConfigText(file, read), missionSchema).value;
