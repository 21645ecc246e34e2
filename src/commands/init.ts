/** `fdir init`: a starter mission file from recordings, from a definition of packets, or from both. */
import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Command } from 'commander';
import { makeFolders } from '../adapters/host/make-folders';
import { readPass } from '../adapters/passes/pass-reader';
import { surveyFile, type SurveyedFile } from '../adapters/passes/survey-reader';
import { daemonConfigSchema } from '../config/daemon-config';
import { withPaths } from '../config/load-mission';
import { parseYaml } from '../config/yaml-document';
import { planAssembly } from '../core/telemetry/assembly-plan';
import { initialAssembler, type AssemblyItem } from '../core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../core/telemetry/frame-assembler';
import { DEFAULT_PERIOD_MS, type PeriodSource } from '../core/onboarding/definition-draft';
import { draftMission } from '../core/onboarding/mission-draft';
import { natureOf } from '../core/onboarding/parameter-guess';
import { SurveyCounter, type Survey } from '../core/onboarding/survey';
import { assembleWindows, initialWindows } from '../core/telemetry/window-assembler';
import type { MonitorDraft } from '../adapters/packets/definition-monitors';
import { FdirError, type Problem } from '../domain/errors';
import { missionSchema, type Mission } from '../domain/mission';
import { rulesFileSchema } from '../domain/rules';
import { parseDuration } from '../domain/units';
import { DEFAULT_FAULTS } from '../fit/fit-package';
import { FEWEST_WINDOWS } from '../fit/nominal-windows';
import { describeFindings, describeNext } from './init-report';
import { surveyPackets } from './init-xtce';
import { note } from './output';
import { writing } from './output-file';

interface InitOptions {
  readonly xtce?: string;
  readonly container?: string;
  readonly skip?: string;
  readonly leadingSize?: string;
  readonly checksum?: string;
  readonly out: string;
  readonly spacecraft?: string;
  readonly period?: string;
  readonly force?: boolean;
}

const MODEL_FOLDER = 'model';
const MONITORING = 'monitoring.yaml';

/** `pump 3.csv` becomes `pump_3`: a spacecraft is one level of an MQTT topic. */
const spacecraftOf = (file: string): string => {
  const name = basename(file, extname(file))
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'SPACECRAFT' : name;
};

const readPeriod = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new FdirError('usage', `--period "${text}" is not a duration such as 4s`);
  return ms;
};

/** The sampling period where no recording shows it. */
const periodWithout = (definedMs: number | undefined): { readonly ms: number; readonly from: PeriodSource } =>
  definedMs === undefined ? { ms: DEFAULT_PERIOD_MS, from: 'default' } : { ms: definedMs, from: 'definition' };

/** Columns that some recordings have and others have not; a message that was not sent in an NDJSON recording is no difference. */
const checkColumns = (files: readonly SurveyedFile[]): void => {
  const all = new Set(files.flatMap(({ columns }) => columns));
  const problems = files.flatMap(({ file, format, columns }): Problem[] => {
    const missing = format === 'ndjson' ? [] : [...all].filter((name) => !columns.includes(name));
    return missing.length === 0 ? [] : [{ file, message: `has no column ${missing.join(', ')}` }];
  });
  if (problems.length > 0) throw new FdirError('input', 'the recordings do not have the same columns', problems);
};

const checkSurvey = ({ recordings, parameters, periodMs }: Survey): void => {
  const problems = recordings.flatMap(({ file, start, end }): Problem[] =>
    start === end ? [{ file, message: 'has one frame only: no sampling period can be told from it' }] : [],
  );
  if (problems.length > 0) throw new FdirError('input', 'nothing can be told from these recordings', problems);
  if (periodMs === undefined)
    throw new FdirError('input', 'no parameter has two samples: no sampling period can be told');
  if (parameters.every((parameter) => ['constant', 'empty'].includes(natureOf(parameter))))
    throw new FdirError('input', 'no column ever changes: there is nothing a model could learn');
};

/** Windows a fit would find, cut exactly as it cuts them. */
const countWindows = async (files: readonly string[], mission: Mission): Promise<number> => {
  const plan = planAssembly(mission);
  let usable = 0;
  for (const file of files) {
    let frames = initialAssembler;
    let windows = initialWindows;
    const take = (items: readonly AssemblyItem[]): void => {
      for (const item of items) {
        const step = assembleWindows(mission, windows, item);
        windows = step.state;
        if (step.window?.unusable.length === 0) usable += 1;
      }
    };
    for await (const chunk of readPass(file, mission))
      for (const partial of chunk.frames) {
        const step = assembleFrames(plan, frames, partial);
        frames = step.state;
        take(step.items);
      }
    take(flushFrames(plan, frames).items);
  }
  return usable;
};

const configText = (
  mission: string,
  hasMonitors: boolean,
): string => `# The daemon's configuration, drafted by \`fdir init\`. Paths are relative to this file.
mission: ${/^[\w.-]+$/.test(mission) ? mission : JSON.stringify(mission)}
# model: ${MODEL_FOLDER} # made by fdir fit; without it only the plain limits of the mission are checked
${hasMonitors ? `rules: [${MONITORING}] # alarms of the definition; add which recovery is requested for which anomaly` : '# rules: [event-actions.yaml] # which recovery is requested for which anomaly; without it nothing is requested'}
# falseAlarmsPerDay: 0.5 # how many are acceptable; the threshold is chosen for it
mode: passive # requests are recorded and nothing leaves
`;

/** Undefined when the definition has no alarm that needs a monitor. */
const monitoringText = (xtce: string, monitors: MonitorDraft | undefined): string | undefined =>
  monitors === undefined || monitors.lines.length === 0
    ? undefined
    : `# Monitors of the alarms in ${xtce} that plain limits cannot say, drafted by \`fdir init\`. CHECK their equipment and severity.
${monitors.lines.join('\n')}
`;

const writeMonitoring = (file: string, text: string, isForced: boolean): void => {
  parseYaml(file, text, rulesFileSchema);
  if (existsSync(file) && !isForced) {
    note(`left ${file} as it is`);
    return;
  }
  writing(file, () => {
    writeFileSync(file, text);
  });
  note(`wrote ${file}`);
};

const init = async (files: readonly string[], options: InitOptions): Promise<void> => {
  const { out, force } = options;
  const period = readPeriod(options.period);
  const { spacecraft: named } = options;
  if (named !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(named))
    throw new FdirError(
      'usage',
      `--spacecraft "${named}": letters, digits, "_", "-" and "." only, for it becomes an MQTT topic level`,
    );
  if (existsSync(out) && force !== true)
    throw new FdirError('usage', `${out} exists: choose another --out, or overwrite it with --force`);
  const counter = new SurveyCounter();
  const surveyed: SurveyedFile[] = [];
  const { xtce } = options;
  if (files.length === 0 && xtce === undefined)
    throw new FdirError('usage', 'give recordings, or a definition of packets with --xtce');
  const packets = xtce === undefined ? undefined : surveyPackets(files, { ...options, xtce }, counter, Date.now());
  if (packets !== undefined) surveyed.push(...packets.files);
  else for (const file of files) surveyed.push(await surveyFile(file, counter));
  checkColumns(surveyed);
  const fallback = files.length > 0 || period !== undefined ? undefined : periodWithout(packets?.definedPeriodMs);
  const survey = counter.result(period ?? fallback?.ms);
  if (files.length > 0) checkSurvey(survey);

  const spacecraft = named ?? spacecraftOf(files[0] ?? xtce ?? '');
  const draft = (usable?: number): string =>
    draftMission(survey, survey.periodMs ?? 0, {
      spacecraft,
      isSpacecraftGuessed: named === undefined,
      renames: [...new Map(surveyed.flatMap(({ renames }) => renames).map((one) => [one.from, one])).values()],
      faults: DEFAULT_FAULTS,
      facts: packets?.facts,
      sections: packets?.lines,
      periodFrom: fallback?.from,
      ...(usable === undefined ? {} : { windows: { usable, fewest: FEWEST_WINDOWS } }),
    });
  const mission = withPaths(out, parseYaml(out, draft(), missionSchema).value);
  const usable = await countWindows(files, mission);
  const text = draft(files.length === 0 ? undefined : usable);
  parseYaml(out, text, missionSchema);

  const folder = dirname(out);
  const config = join(folder, 'fdir.yaml');
  const isNewConfig = !existsSync(config);
  const monitors = packets?.monitors({
    watched: new Set(mission.parameters.map(({ id }) => id)),
    periodMs: mission.sampling.periodMs,
  });
  const monitoring = monitoringText(basename(xtce ?? ''), monitors);
  for (const line of monitors?.notes ?? []) note(`${xtce ?? ''}: ${line}`);
  const daemon = configText(basename(out), monitoring !== undefined);
  parseYaml(config, daemon, daemonConfigSchema);
  writing(folder, () => makeFolders(folder));
  writing(out, () => {
    writeFileSync(out, text);
  });
  if (isNewConfig)
    writing(config, () => {
      writeFileSync(config, daemon);
    });
  if (monitoring !== undefined) writeMonitoring(join(folder, MONITORING), monitoring, force === true);
  const windows = { usable, fewest: FEWEST_WINDOWS };
  for (const line of describeFindings({ survey, files: surveyed, mission, windows })) note(line);
  note(isNewConfig ? `wrote ${out} and ${config}` : `wrote ${out}; left ${config} as it is`);
  for (const line of describeNext({ passes: files, mission: out, config, model: join(folder, MODEL_FOLDER) }))
    note(line);
};

/** Adds the verb `init` to the program. */
export const register = (program: Command): void => {
  program
    .command('init')
    .description('write a starter mission file from recordings, or from a definition, with comments on what to check')
    .argument(
      '[pass...]',
      'recordings of one spacecraft: CSV, NDJSON (also gzip) or Parquet; none is needed with --xtce',
    )
    .option('--xtce <file>', 'the XTCE definition; the recordings are packets, or there are none')
    .option('--container <name>', 'with --xtce: the root container, when it has several')
    .option('--skip <bytes>', 'with --xtce: bytes before each packet')
    .option('--checksum <kind>', 'with --xtce: crc16-ccitt, iso or sum16 after each packet')
    .option('--leading-size <unit>', 'with --xtce: what leading sizes of strings count, bits or bytes')
    .option('--out <file>', 'mission file to write', 'mission.yaml')
    .option('--spacecraft <name>', 'its name; by default that of the first recording')
    .option('--period <duration>', 'sampling period, when no recording shows it')
    .option('--force', 'overwrite the mission file')
    .addHelpText(
      'after',
      '\nExamples:\n  fdir init pump-1.csv pump-2.csv --spacecraft PUMP --out pump/mission.yaml\n  fdir init --xtce bus.xml --spacecraft BUS --out bus/mission.yaml\n',
    )
    .action(init);
};
