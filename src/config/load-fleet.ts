/** Reads the configuration of a fleet and everything that its members name, and reports ALL problems of all files at once. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DaemonConfig } from './daemon-config';
import { daemonConfigSchema } from './daemon-config';
import { spacecraftOf, type FleetConfig } from './fleet-config';
import { loadingContext, loadSubject, ProblemCollector, refuseProblems, type LoadedSubject } from './load-config';
import { readConfigText } from './load-mission';
import { parseYaml } from './yaml-document';
import { FdirError } from '../domain/errors';

/** Spacecraft of one kind: they share mission, compiled rules and model. */
export interface LoadedMember extends LoadedSubject {
  /** Equal for members whose mission, definition of packets, model and rules are equal. */
  readonly content: string;
  readonly spacecraft: readonly string[];
}

export interface LoadedFleet {
  readonly file: string;
  readonly config: DaemonConfig;
  readonly fleet: FleetConfig;
  readonly members: readonly LoadedMember[];
  /** Absolute path of the log, where there is no other store. */
  readonly logPath: string;
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** What the files of the packets hold. One that cannot be read is refused where it is opened. */
const definitionOf = ({ packets }: LoadedSubject['mission']): readonly string[] =>
  [packets?.xtce, packets?.leapSeconds].map((path) =>
    path === undefined || !existsSync(path) ? '' : sha256(readFileSync(path)),
  );

const contentOf = ({ mission, manifest, rules }: LoadedSubject): string =>
  sha256(JSON.stringify([mission, definitionOf(mission), manifest ?? null, rules?.sha256 ?? null]));

/** Whether a configuration is about a fleet. @throws FdirError `config` when it cannot be read. */
export const isFleetConfig = (file: string): boolean =>
  parseYaml(file, readConfigText(file), daemonConfigSchema).value.fleet !== undefined;

/** @throws FdirError `config` with every problem of the configuration, missions, model packages and rules. */
export const loadFleet = (file: string): LoadedFleet => {
  const collector = new ProblemCollector();
  const config = parseYaml(file, readConfigText(file), daemonConfigSchema).value;
  const { fleet } = config;
  if (fleet === undefined)
    throw new FdirError('usage', `${file} is about one spacecraft, and this command about a fleet: it has no "fleet"`);
  const context = loadingContext(config, file, collector);
  const members = fleet.members.map((named) => {
    const subject = loadSubject(named, context, collector);
    return subject && { ...subject, content: contentOf(subject), spacecraft: spacecraftOf(named.spacecraft) };
  });
  refuseProblems(file, collector);
  return {
    file,
    config,
    fleet,
    members: members.filter((member) => member !== undefined),
    logPath: resolve(context.here, config.log.path),
  };
};
