/** Reads `fdir.yaml` and everything it names, validates all of it together, and reports ALL problems of all files at once. */
import { dirname, resolve } from 'node:path';
import type { RuleProgram } from '../core/rules/rule-program';
import { FdirError, type Problem } from '../domain/errors';
import { NOMINAL } from '../domain/explanation';
import type { Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';
import type { RuleSet } from '../domain/rules';
import { daemonConfigSchema, type DaemonConfig } from './daemon-config';
import { loadModelPackage, withAlarmBudget, type ModelPackage } from './load-manifest';
import { loadMission, readConfigText } from './load-mission';
import { loadRules } from './load-rules';
import { MAX_DEFINITION_BYTES, readBounded, type ReadFile } from './read-bounded';
import { readTrustedKeys, signedReader, type SignaturePolicy } from './signed-files';
import { validateRules } from './validate-rules';
import { parseYaml } from './yaml-document';

/** Everything the daemon or a replay is told, valid together. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: DaemonConfig;
  readonly mission: Mission;
  readonly model: ModelPackage | undefined;
  /** A package that is scored beside it and decides nothing. */
  readonly shadow: ModelPackage | undefined;
  /** The package's manifest with the threshold of the configured alarm budget. */
  readonly manifest: Manifest | undefined;
  /** Undefined when no rules file is named. */
  readonly rules: RuleSet | undefined;
  /** The same, compiled for the mission. */
  readonly program: RuleProgram | undefined;
  /** Reads the definition of packets and the table of leap seconds: where signatures are wanted, only what was signed. */
  readonly readPacketFile: ReadFile;
  /** Absolute path of the log. */
  readonly logPath: string;
}

/** What is judged by: of one spacecraft, or of a member of a fleet. */
export type LoadedSubject = Pick<
  LoadedConfig,
  'mission' | 'model' | 'shadow' | 'manifest' | 'rules' | 'program' | 'readPacketFile'
>;

/** Names of the files of a subject, as the configuration gives them. */
interface NamedSubject {
  readonly mission: string;
  readonly model?: string | undefined;
  readonly shadow?: string | undefined;
  readonly rules: readonly string[];
}

/** Where files are looked for, and whose signatures are wanted. */
export interface LoadingContext {
  readonly here: string;
  readonly readerOf: (path: string) => ReadFile;
  readonly isSigned: boolean;
  readonly falseAlarmsPerDay: number | undefined;
}

/** Gathers the problems of one part after another, so that the last is reported with the first. */
export class ProblemCollector {
  readonly problems: Problem[] = [];

  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FdirError)) throw error;
      if (error.problems.length > 0) this.problems.push(...error.problems);
      else this.problems.push({ message: error.message });
      return undefined;
    }
  }
}

/** Whose signatures are wanted; undefined: none are. */
const signaturePolicy = ({ requireSignature }: DaemonConfig, here: string): SignaturePolicy | undefined =>
  requireSignature && {
    trusted: readTrustedKeys(requireSignature.trust.map((file) => resolve(here, file))),
    notBefore: requireSignature.notBefore === undefined ? undefined : Date.parse(requireSignature.notBefore),
  };

/** Fault classes a verdict of this model can name. */
export const faultClasses = (manifest: Manifest): readonly string[] =>
  manifest.tasks
    .filter(({ name }) => name === manifest.verdictTask)
    .flatMap(({ classes }) => classes.filter((name) => name !== NOMINAL));

/** @throws FdirError `config` with every problem of the configuration, mission, model package and rules. */
export const loadConfig = (file: string): LoadedConfig => loadConfigWithRules(file);

/** @throws FdirError `usage` when the configuration is about a fleet. */
export const missionOf = ({ mission }: DaemonConfig, file: string): string => {
  if (mission !== undefined) return mission;
  throw new FdirError(
    'usage',
    `${file} is about a fleet, and this command about one spacecraft: name a configuration with a mission`,
  );
};

/** How files of a configuration are read; a policy that cannot be read is among the problems. */
export const loadingContext = (config: DaemonConfig, file: string, collector: ProblemCollector): LoadingContext => {
  const here = dirname(resolve(file));
  const policy = collector.attempt(() => signaturePolicy(config, here));
  // With a policy that cannot be read nothing counts as signed; that is among the problems already.
  const readerOf = (path: string): ReadFile => (policy === undefined ? readBounded : signedReader(path, policy));
  return { here, readerOf, isSigned: policy !== undefined, falseAlarmsPerDay: config.falseAlarmsPerDay };
};

/** Mission, model and rules, valid together; undefined when the mission is not. Problems go to the collector. */
export const loadSubject = (
  named: NamedSubject,
  { here, readerOf, isSigned, falseAlarmsPerDay }: LoadingContext,
  collector: ProblemCollector,
): LoadedSubject | undefined => {
  const missionFile = resolve(here, named.mission);
  const mission = collector.attempt(() => loadMission(missionFile, readerOf(missionFile)));
  const readPacketFile: ReadFile = (path, maxBytes) => readerOf(path)(path, maxBytes);
  // A start, a check and a reload refuse what is not signed before anything is opened.
  if (isSigned)
    for (const path of [mission?.packets?.xtce, mission?.packets?.leapSeconds])
      if (path !== undefined) collector.attempt(() => readPacketFile(path, MAX_DEFINITION_BYTES));
  const loadPackage = (name: string | undefined): ModelPackage | undefined => {
    if (name === undefined || mission === undefined) return undefined;
    const folder = resolve(here, name);
    return collector.attempt(() => loadModelPackage(folder, mission, readerOf(folder)));
  };
  const model = loadPackage(named.model);
  const ruleFiles = named.rules.map((path) => resolve(here, path));
  const rules = ruleFiles.length === 0 ? undefined : collector.attempt(() => loadRules(ruleFiles, readerOf));
  const shadow = loadPackage(named.shadow);
  const valid =
    rules === undefined || mission === undefined
      ? undefined
      : validateRules(rules, mission, model === undefined ? [] : faultClasses(model.manifest));
  collector.problems.push(...(valid?.problems ?? []));
  const manifest = model === undefined ? undefined : withAlarmBudget(model.manifest, falseAlarmsPerDay);
  return mission && { mission, model, shadow, manifest, rules, program: valid?.program, readPacketFile };
};

/** @throws FdirError `config` when there is a problem. */
export const refuseProblems = (file: string, { problems }: ProblemCollector): void => {
  if (problems.length === 0) return;
  const count = `${String(problems.length)} problem${problems.length === 1 ? '' : 's'}`;
  throw new FdirError('config', `${file} cannot be used: ${count}`, problems);
};

/** The same with other rules files than the configuration names, relative to where the program runs. */
export const loadConfigWithRules = (file: string, otherRules?: readonly string[]): LoadedConfig => {
  const collector = new ProblemCollector();
  const config = parseYaml(file, readConfigText(file), daemonConfigSchema).value;
  const context = loadingContext(config, file, collector);
  const { model, shadow } = config;
  const rules = otherRules?.map((path) => resolve(path)) ?? config.rules;
  const mission = missionOf(config, file);
  const subject = loadSubject({ mission, model, shadow, rules }, context, collector);
  if (config.packets !== undefined && subject !== undefined && subject.mission.packets === undefined)
    collector.problems.push({
      file,
      path: 'packets',
      message: `needs a definition: ${mission} has no "packets" that say how packets are read`,
    });
  if (config.action?.format === 'pus' && subject !== undefined && subject.mission.packets?.pus === undefined)
    collector.problems.push({
      file,
      path: 'action.format',
      message: `needs the packet utilisation standard: ${mission} has no "packets.pus"`,
    });
  refuseProblems(file, collector);
  if (subject === undefined) throw new Error(`${file}: no mission and no problem`);
  return { file, config, ...subject, logPath: resolve(context.here, config.log.path) };
};
