/** Where a daemon is found: broker, topics and log. Reads no more than that, so that a daemon whose rules are broken can be asked. */
import { dirname, resolve } from 'node:path';
import type { SecretSource } from '../domain/secret';
import { FdirError } from '../domain/errors';
import { daemonConfigSchema, type DaemonConfig } from './daemon-config';
import { spacecraftOf, type StoreConfig } from './fleet-config';
import { loadMission, readConfigText } from './load-mission';
import type { MqttConfig } from './broker-config';
import { parseYaml } from './yaml-document';

export interface DaemonAddress {
  readonly url: string;
  /** What else the configuration says of the broker; files are relative to `folder`. */
  readonly mqtt: MqttConfig;
  readonly baseTopic: string;
  readonly spacecraft: string;
  /** Absolute path of the log. */
  readonly logPath: string;
  /** Where the key of its chain is, relative to `folder`. */
  readonly logKey: SecretSource | undefined;
  /** Where a fleet keeps its log instead. */
  readonly store: StoreConfig | undefined;
  /** That of the configuration. */
  readonly folder: string;
}

/** What is the same for every spacecraft of a configuration. */
export type SharedAddress = Omit<DaemonAddress, 'spacecraft'>;

const read = (file: string): { readonly shared: SharedAddress; readonly config: DaemonConfig } => {
  const here = dirname(resolve(file));
  const config = parseYaml(file, readConfigText(file), daemonConfigSchema).value;
  const { mqtt, log, store } = config;
  const logPath = resolve(here, log.path);
  const shared = { url: mqtt.url, mqtt, folder: here, baseTopic: mqtt.baseTopic, logPath, logKey: log.key, store };
  return { shared, config };
};

/** @throws FdirError `config` with every problem of the configuration. */
export const loadSharedAddress = (file: string): SharedAddress => read(file).shared;

/**
 * @param asked the spacecraft, where the configuration is about a fleet.
 * @throws FdirError `config` with every problem of the configuration or the mission file, `usage` when nobody says which spacecraft.
 */
export const loadAddress = (file: string, asked?: string): DaemonAddress => {
  const { shared, config } = read(file);
  const { mission, fleet } = config;
  if (mission !== undefined) return { ...shared, spacecraft: loadMission(resolve(shared.folder, mission)).spacecraft };
  if (asked === undefined)
    throw new FdirError('usage', `${file} is about a fleet: say which spacecraft, with --spacecraft NAME`);
  if (fleet?.members.some(({ spacecraft }) => spacecraftOf(spacecraft).includes(asked)) !== true)
    throw new FdirError('usage', `${file} has no spacecraft "${asked}" in its fleet`);
  return { ...shared, spacecraft: asked };
};
