/** `fdir check`: everything the daemon would read, validated together. */
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { readBrokerAccess } from '../adapters/mqtt/broker-access';
import { redactUrl } from '../adapters/mqtt/mqtt-options';
import { createOnnxScorer } from '../adapters/model/onnx-scorer';
import { readConsoleTokens } from '../compose/console';
import { checkDefinition } from '../compose/daemon/pus-telecommands';
import { packetsOf, definitionNotesOf } from '../compose/fleet/members';
import { loadConfig, type LoadedConfig } from '../config/load-config';
import { isFleetConfig, loadFleet, type LoadedFleet } from '../config/load-fleet';
import { FdirError, formatProblem } from '../domain/errors';
import { equipmentIds } from '../domain/mission';
import { note, writeJson, writeLine } from './output';

interface CheckOptions {
  readonly config: string;
  readonly json?: boolean;
}

const summarise = ({ config, mission, manifest, rules, logPath }: LoadedConfig) => ({
  ok: true,
  spacecraft: mission.spacecraft,
  parameters: mission.parameters.length,
  equipment: [...equipmentIds(mission)],
  model: manifest === undefined ? null : { id: manifest.id, threshold: manifest.calibration.threshold },
  rules: rules?.eventActions.length ?? 0,
  mode: config.mode,
  broker: redactUrl(config.mqtt.url),
  log: logPath,
});

const summariseFleet = ({ config, fleet, members, logPath }: LoadedFleet) => ({
  ok: true,
  spacecraft: members.reduce((sum, { spacecraft }) => sum + spacecraft.length, 0),
  members: members.map(({ mission, manifest, rules, spacecraft }) => ({
    mission: mission.spacecraft,
    spacecraft: spacecraft.length,
    first: spacecraft[0],
    last: spacecraft.at(-1),
    parameters: mission.parameters.length,
    model: manifest?.id ?? null,
    rules: rules?.eventActions.length ?? 0,
  })),
  mode: config.mode,
  broker: redactUrl(config.mqtt.url),
  store: config.store?.postgres.url ?? logPath,
  partitions: config.store === undefined ? null : fleet.partitions,
});

const checkFleet = async (file: string, json: boolean): Promise<void> => {
  const loaded = loadFleet(file);
  readBrokerAccess(loaded.config.mqtt, { baseDir: dirname(file) });
  for (const told of definitionNotesOf(loaded.members.map((member) => ({ packets: packetsOf(member) })))) note(told);
  for (const { model } of loaded.members) if (model !== undefined) await (await createOnnxScorer(model)).close();
  const summary = summariseFleet(loaded);
  if (json) {
    writeJson(summary);
    return;
  }
  writeLine(`${file}: everything is in order`);
  for (const { mission, spacecraft, first, last, parameters, model, rules } of summary.members)
    writeLine(
      `  ${String(spacecraft)} spacecraft of the kind ${mission} (${String(first)} to ${String(last)}): ${String(parameters)} parameters, ${
        model === null ? 'no model' : `model ${model}`
      }, ${String(rules)} rules`,
    );
  writeLine(`  mode: ${summary.mode}`);
  writeLine(`  broker: ${summary.broker}`);
  writeLine(
    `  store: ${summary.store}${summary.partitions === null ? '' : `, ${String(summary.partitions)} partitions`}`,
  );
};

const check = async ({ config: file, json }: CheckOptions): Promise<void> => {
  let loaded: LoadedConfig;
  try {
    if (isFleetConfig(file)) {
      await checkFleet(file, json === true);
      return;
    }
    loaded = loadConfig(file);
    // The graph is read by what will run it, and must compute what was fitted.
    readConsoleTokens(loaded);
    for (const told of checkDefinition(loaded)) note(told);
    readBrokerAccess(loaded.config.mqtt, { baseDir: dirname(file) });
    for (const model of [loaded.model, loaded.shadow])
      if (model !== undefined) await (await createOnnxScorer(model)).close();
  } catch (error) {
    if (json !== true || !(error instanceof FdirError)) throw error;
    writeJson({
      ok: false,
      message: error.message,
      problems: error.problems.map((problem) => ({ ...problem, text: formatProblem(problem) })),
    });
    process.exitCode = 2;
    return;
  }
  const summary = summarise(loaded);
  if (json === true) {
    writeJson(summary);
    return;
  }
  writeLine(`${file}: everything is in order`);
  writeLine(`  ${summary.spacecraft}: ${String(summary.parameters)} parameters of ${summary.equipment.join(', ')}`);
  writeLine(`  model: ${summary.model === null ? 'none, only plain limits are checked' : summary.model.id}`);
  writeLine(
    `  rules: ${summary.rules === 0 ? 'none, nothing is requested' : String(summary.rules)}, mode ${summary.mode}`,
  );
  writeLine(`  broker: ${summary.broker}`);
  writeLine(`  log: ${summary.log}`);
};

/** Adds the verb `check` to the program. */
export const register = (program: Command): void => {
  program
    .command('check')
    .description('validate everything the daemon would read, together')
    .requiredOption('--config <file>', 'the daemon configuration (fdir.yaml)')
    .option('--json', 'one JSON document on stdout')
    .action(check);
};
