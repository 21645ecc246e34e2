/** Where a daemon is found: broker, topics and log. Reads no more than that, so that a daemon whose rules are broken can be asked. */
import { dirname, resolve } from 'node:path';
import type { SecretSource } from '../domain/secret';
import { daemonConfigSchema } from './daemon-config';
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
  /** That of the configuration. */
  readonly folder: string;
}

/** @throws FdirError `config` with every problem of the configuration or the mission file. */
export const loadAddress = (file: string): DaemonAddress => {
  const here = dirname(resolve(file));
  const { mission, mqtt, log } = parseYaml(file, readConfigText(file), daemonConfigSchema).value;
  const { spacecraft } = loadMission(resolve(here, mission));
  const logPath = resolve(here, log.path);
  return { url: mqtt.url, mqtt, folder: here, baseTopic: mqtt.baseTopic, spacecraft, logPath, logKey: log.key };
};
