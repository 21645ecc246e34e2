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
import { readBounded, type ReadFile } from './read-bounded';
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
  /** Absolute path of the log. */
  readonly logPath: string;
}

/** Gathers the problems of one part after another, so that the last is reported with the first. */
class ProblemCollector {
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

/** The same with other rules files than the configuration names, relative to where the program runs. */
export const loadConfigWithRules = (file: string, otherRules?: readonly string[]): LoadedConfig => {
  const collector = new ProblemCollector();
  const here = dirname(resolve(file));
  const config = parseYaml(file, readConfigText(file), daemonConfigSchema).value;
  const policy = collector.attempt(() => signaturePolicy(config, here));
  // With a policy that cannot be read nothing counts as signed; that is among the problems already.
  const readerOf = (path: string): ReadFile => (policy === undefined ? readBounded : signedReader(path, policy));
  const missionFile = resolve(here, config.mission);
  const mission = collector.attempt(() => loadMission(missionFile, readerOf(missionFile)));
  const { model: modelFolder, shadow: shadowFolder } = config;
  const loadPackage = (name: string, judged: Mission): ModelPackage => {
    const folder = resolve(here, name);
    return loadModelPackage(folder, judged, readerOf(folder));
  };
  const model =
    modelFolder === undefined || mission === undefined
      ? undefined
      : collector.attempt(() => loadPackage(modelFolder, mission));
  const ruleFiles = otherRules ?? config.rules.map((path) => resolve(here, path));
  const rules = ruleFiles.length === 0 ? undefined : collector.attempt(() => loadRules(ruleFiles, readerOf));
  const shadow =
    shadowFolder === undefined || mission === undefined
      ? undefined
      : collector.attempt(() => loadPackage(shadowFolder, mission));
  if (config.packets !== undefined && mission !== undefined && mission.packets === undefined)
    collector.problems.push({
      file,
      path: 'packets',
      message: `needs a definition: ${config.mission} has no "packets" that say how packets are read`,
    });
  const valid =
    rules === undefined || mission === undefined
      ? undefined
      : validateRules(rules, mission, model === undefined ? [] : faultClasses(model.manifest));
  collector.problems.push(...(valid?.problems ?? []));
  const { problems } = collector;
  if (problems.length > 0 || mission === undefined) {
    const count = `${String(problems.length)} problem${problems.length === 1 ? '' : 's'}`;
    throw new FdirError('config', `${file} cannot be used: ${count}`, problems);
  }
  return {
    file,
    config,
    mission,
    model,
    shadow,
    manifest: model === undefined ? undefined : withAlarmBudget(model.manifest, config.falseAlarmsPerDay),
    rules,
    program: valid?.program,
    logPath: resolve(here, config.log.path),
  };
};
