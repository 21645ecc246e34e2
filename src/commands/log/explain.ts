/** `fdir log explain ID --recompute`: the stored window through the model of the record, and every figure compared. */
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { createOnnxScorer } from '../../adapters/model/onnx-scorer';
import { daemonConfigSchema } from '../../config/daemon-config';
import { missionOf } from '../../config/load-config';
import { loadModelPackage, withAlarmBudget } from '../../config/load-manifest';
import { loadMission, readConfigText } from '../../config/load-mission';
import { parseYaml } from '../../config/yaml-document';
import { compareRecord, TOLERANCE, windowOf } from '../../core/anomaly/recompute';
import { FdirError } from '../../domain/errors';
import { findSufficient } from '../../pipeline/counterfactual';
import { writeJson, writeLine } from '../output';
import { table } from '../render/table';
import { wrap } from '../render/text';
import { logPathOf, reportUnknownId, withLogOptions, withReader, type LogOptions } from './source';

interface ExplainOptions extends LogOptions {
  readonly recompute?: boolean;
  readonly model?: string;
}

const WIDTH = 100;

const explain = async (id: string, options: ExplainOptions): Promise<void> => {
  const { config } = options;
  const record = withReader({ ...options, log: logPathOf(options) }, (reader) => reader.account(id)?.revisions.at(-1));
  if (record === undefined) {
    reportUnknownId(id, options);
    return;
  }
  if (options.recompute !== true) {
    if (options.json === true)
      writeJson({ id, sentence: record.sentence, attribution: record.attribution, sufficient: record.sufficient });
    else wrap(record.sentence, WIDTH).forEach(writeLine);
    return;
  }
  if (config === undefined) throw new FdirError('usage', '--recompute needs the mission: give --config FILE');
  const here = dirname(resolve(config));
  const settings = parseYaml(config, readConfigText(config), daemonConfigSchema).value;
  const mission = loadMission(resolve(here, missionOf(settings, config)));
  const folder = options.model ?? (settings.model === undefined ? undefined : resolve(here, settings.model));
  if (folder === undefined) throw new FdirError('usage', 'the configuration names no model: give --model DIR');
  const model = loadModelPackage(folder, mission);
  if (model.manifest.sha256 !== record.model.sha256) {
    throw new FdirError(
      'input',
      `the record was made by ${record.model.id} ${record.model.sha256.slice(0, 12)}, and ${folder} is ${model.manifest.id} ${model.manifest.sha256.slice(0, 12)}: give --model with that package`,
    );
  }
  // The threshold depends on the budget that was configured then; the record has it.
  const manifest = withAlarmBudget(model.manifest, settings.falseAlarmsPerDay);
  const values = windowOf(record, manifest);
  if (values === undefined) throw new FdirError('input', 'the stored window lacks samples: it cannot be scored again');
  const scorer = await createOnnxScorer(model, manifest);
  try {
    const [inference] = await scorer.score(values, 1);
    if (inference === undefined) throw new FdirError('runtime', 'the model gave no answer');
    const [start, end] = [Date.parse(record.freezeFrame.from), Date.parse(record.freezeFrame.to)];
    const scored = { window: { start, end, values, unusable: [] }, inference };
    const compared = compareRecord(record, manifest, scored, await findSufficient(scorer, mission, scored));
    const agrees = compared.every((item) => item.agrees);
    if (options.json === true)
      writeJson({ schemaVersion: 1, id, revision: record.revision, tolerance: TOLERANCE, agrees, compared });
    else {
      table([
        ['FIGURE', 'RECORDED', 'RECOMPUTED', 'DIFFERENCE', ''],
        ...compared.map(({ figure, recorded, recomputed, difference, agrees: fits }) => [
          figure,
          recorded,
          recomputed,
          difference === null ? '-' : difference.toExponential(1),
          fits ? '' : 'DIFFERS',
        ]),
      ]).forEach(writeLine);
      writeLine(agrees ? 'the record follows from its window' : 'the record does NOT follow from its window');
    }
    if (!agrees) process.exitCode = 1;
  } finally {
    await scorer.close();
  }
};

export const registerExplain = (log: Command): void => {
  withLogOptions(
    log
      .command('explain')
      .description('show the sentence; with --recompute, score the stored window again and compare every figure'),
  )
    .argument('<id>', 'id of the anomaly')
    .option('--recompute', 'run the stored window through the model that the record names')
    .option('--model <dir>', 'the package, if the configuration now names another')
    .action(explain);
};
