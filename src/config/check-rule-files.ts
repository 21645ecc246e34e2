/** `fdir rules check`: the rules of a configuration, or others for the same mission and model, with every problem they have. */
import { dirname, resolve } from 'node:path';
import { FdirError, type Problem } from '../domain/errors';
import { daemonConfigSchema } from './daemon-config';
import { faultClasses, missionOf } from './load-config';
import { loadModelPackage } from './load-manifest';
import { loadMission, readConfigText } from './load-mission';
import { loadRules } from './load-rules';
import { validateRules } from './validate-rules';
import { parseYaml } from './yaml-document';

export interface CheckedRules {
  readonly problems: readonly Problem[];
  readonly rules: number;
  readonly monitors: number;
  /** Commands that the mission declares. */
  readonly commands: number;
}

/**
 * @param files rules files; none: those that the configuration names.
 * @throws FdirError `config` or `model` when configuration, mission or model cannot be used.
 */
export const checkRuleFiles = (configFile: string, files: readonly string[]): CheckedRules => {
  const here = dirname(resolve(configFile));
  const config = parseYaml(configFile, readConfigText(configFile), daemonConfigSchema).value;
  const mission = loadMission(resolve(here, missionOf(config, configFile)));
  const classes =
    config.model === undefined ? [] : faultClasses(loadModelPackage(resolve(here, config.model), mission).manifest);
  const named = files.length > 0 ? files : config.rules.map((path) => resolve(here, path));
  const commands = mission.commands?.length ?? 0;
  try {
    const rules = loadRules(named);
    const { problems } = validateRules(rules, mission, classes);
    const monitors = rules.monitors.length + rules.functionalMonitors.length;
    return { problems, rules: rules.eventActions.length, monitors, commands };
  } catch (error) {
    if (!(error instanceof FdirError) || error.problems.length === 0) throw error;
    return { problems: error.problems, rules: 0, monitors: 0, commands };
  }
};
