/** `fdir replay`: recorded passes through the same judgement as the daemon's, on packet time; actions never leave. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { lastValueFrom, tap } from 'rxjs';
import { paceOf } from '../adapters/passes/pace';
import { publishRecording } from '../compose/publish-recording';
import { composeReplay } from '../compose/replay';
import { hasCredentials, NO_CREDENTIALS_IN_URL } from '../config/broker-config';
import { loadConfig, type LoadedConfig } from '../config/load-config';
import { absenceText } from '../core/alarms/alarm-sources';
import type { AbsenceChange } from '../core/telemetry/absence';
import { isoTime } from '../domain/units';
import { emptyTally, summaryOf, type Tally } from '../core/tally';
import { FdirError, formatProblem, type Problem } from '../domain/errors';
import type { Diagnostics } from '../pipeline/ports';
import { describeEvent, note, writeJson, writeLine } from './output';

interface ReplayCommandOptions {
  readonly config: string;
  readonly speed: string;
  /** True: the broker of the configuration. */
  readonly mqtt?: string | true;
  readonly modes?: string;
  readonly commands?: string;
  readonly json?: boolean;
  readonly log?: string;
}

/** Problems of a recording that are told one by one; all are counted in the summary. */
const TOLD_PROBLEMS = 50;
/** Instants with two values of a parameter that are told one by one; all are counted as `same-instant`. */
const TOLD_INSTANTS = 5;
/** Frames between two lines of progress on a terminal: about a second's work. */
const PROGRESS_FRAMES = 5000;

const problemReporter = (): ((problems: readonly Problem[]) => void) => {
  let told = 0;
  return (problems) => {
    for (const problem of problems) {
      // What has no line is about the file as a whole: it is told in any case.
      if (problem.line !== undefined) told += 1;
      if (told <= TOLD_PROBLEMS || problem.line === undefined) note(formatProblem(problem));
      if (problem.line !== undefined && told === TOLD_PROBLEMS)
        note('further problems of the recording are counted in the summary only');
    }
  };
};

/** The reader reports what it drops with its line; what fails on the way is told once when it changes. */
const replayDiagnostics = (): Diagnostics => {
  const failed = new Set<string>();
  let second = 0;
  return {
    dropped: (drops) => {
      for (const { reason, message } of drops) {
        if (reason !== 'same-instant') continue;
        second += 1;
        if (second <= TOLD_INSTANTS) note(message);
        if (second === TOLD_INSTANTS) note('further values that came twice at the same instant are counted only');
      }
    },
    vital: (part, ok, detail) => {
      if (ok === !failed.has(part)) return;
      if (ok) failed.delete(part);
      else failed.add(part);
      note(ok ? `${part} works again` : `${part} failed: ${detail ?? 'no reason given'}`);
    },
  };
};

const progressReporter = (): ((tally: Tally) => void) => {
  if (!process.stderr.isTTY) return () => undefined;
  let next = PROGRESS_FRAMES;
  return ({ frames, anomalies }) => {
    if (frames < next) return;
    next = frames + PROGRESS_FRAMES;
    process.stderr.write(`\r${String(frames)} frames, ${String(anomalies)} anomalies \r`);
  };
};

/** Told one by one up to a number; a recording in which a parameter comes and goes would fill the screen. */
const absenceTeller = (): ((change: AbsenceChange) => void) => {
  let told = 0;
  return (change) => {
    told += 1;
    if (told > TOLD_PROBLEMS) return;
    note(change.isAbsent ? absenceText(change) : `${change.name}: samples come again at ${isoTime(change.time)}`);
    if (told === TOLD_PROBLEMS) note('further parameters that stop coming are told as alarms only');
  };
};

const describeSummary = (tally: Tally): string => {
  const { frames, windows, unscored, notYetJudged, anomalies, actions, dropped } = summaryOf(tally);
  const early = notYetJudged === undefined ? '' : `, ${String(notYetJudged)} of them not yet judged`;
  const drops = Object.entries(dropped).map(([reason, count]) => `${String(count)} ${reason}`);
  return [
    `${String(frames)} frames, ${String(windows)} windows (${String(unscored)} unscored${early})`,
    `${String(anomalies)} anomalies, ${String(actions)} actions, ${String(tally.checks)} limit transitions`,
    `dropped: ${drops.length === 0 ? 'nothing' : drops.join(', ')}`,
  ].join('; ');
};

const replay = async (files: readonly string[], loaded: LoadedConfig, options: ReplayCommandOptions): Promise<void> => {
  const progress = progressReporter();
  const tellAbsence = absenceTeller();
  const steps$ = await composeReplay(loaded, {
    files,
    logPath: options.log ?? ':memory:',
    pace: paceOf(options.speed, Date.now, process.stdin),
    modesFile: options.modes,
    commandsFile: options.commands,
    startedAt: Date.now(),
    diagnostics: replayDiagnostics(),
    onProblems: problemReporter(),
  });
  const last = await lastValueFrom(
    steps$.pipe(
      tap(({ events, tally, absences }) => {
        for (const change of absences) tellAbsence(change);
        for (const event of events) {
          if (options.json === true) writeJson(event);
          else writeLine(describeEvent(event));
        }
        progress(tally);
      }),
    ),
    { defaultValue: { events: [], packetTime: undefined, tally: emptyTally, absences: [] } },
  );
  if (options.json === true) writeJson(summaryOf(last.tally));
  else writeLine(describeSummary(last.tally));
};

const run = async (files: readonly string[], options: ReplayCommandOptions): Promise<void> => {
  if (typeof options.mqtt === 'string' && hasCredentials(options.mqtt))
    throw new FdirError('usage', `--mqtt ${NO_CREDENTIALS_IN_URL}`);
  const loaded = loadConfig(options.config);
  if (options.log !== undefined && resolve(options.log) === loaded.logPath) {
    throw new FdirError('usage', `--log ${options.log} is the daemon's own log; a replay needs another`);
  }
  if (options.mqtt === undefined) {
    await replay(files, loaded, options);
    return;
  }
  const published = await publishRecording(loaded, {
    files,
    modesFile: options.modes,
    commandsFile: options.commands,
    url: options.mqtt === true ? loaded.config.mqtt.url : options.mqtt,
    pace: paceOf(options.speed, Date.now, process.stdin),
    onProblems: problemReporter(),
    onNote: note,
  });
  if (options.json === true) writeJson({ type: 'published', frames: published });
  else note(`${String(published)} frames published`);
};

/** Adds the verb `replay` to the program. */
export const register = (program: Command): void => {
  program
    .command('replay')
    .description('judge a recorded pass as the daemon would, on packet time; actions never leave')
    .argument('<pass...>', 'passes: CSV, NDJSON (also gzip) or Parquet, in the order of their times')
    .requiredOption('--config <file>', 'the daemon configuration (fdir.yaml)')
    .option('--speed <speed>', 'afap, realtime, a factor such as 10x, or step (Enter for the next frame)', 'afap')
    .option(
      '--modes <file>',
      'operating modes of that time, CSV time,mode; for limits and rules that depend on the mode',
    )
    .option('--commands <file>', 'telecommands that were sent, CSV time,name,arguments or NDJSON')
    .option('--mqtt [url]', 'publish the pass to this broker, or that of the configuration, instead of judging it')
    .option('--log <file>', 'keep what was found in this log; by default it is kept nowhere')
    .option('--json', 'NDJSON on stdout: every event, and a summary last')
    .addHelpText('after', '\nExample:\n  fdir replay telemetry-fixtures/faults.csv --config rules/fdir.yaml')
    .action(run);
};
