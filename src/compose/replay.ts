/**
 * A replay: a recorded pass through the daemon's judgement, on packet time, into a log of its own. Nothing here can reach a
 * spacecraft or a broker. It makes neither a gateway nor a publisher, and no file reachable from this one knows MQTT.
 */
import { finalize, tap, type Observable } from 'rxjs';
import { fileSource, type Pace } from '../adapters/passes/file-source';
import { readTelecommands } from '../adapters/passes/commands-reader';
import { readModes } from '../adapters/passes/modes-reader';
import { openLog } from '../adapters/log/sqlite-log';
import { composeJudge } from './judgement';
import type { LoadedConfig } from '../config/load-config';
import type { Problem } from '../domain/errors';
import { daemonFlow, type FlowOutcome } from '../pipeline/daemon-flow';
import type { Diagnostics } from '../pipeline/ports';

export interface ReplayOptions {
  readonly files: readonly string[];
  /** Never the daemon's: `:memory:` unless one is asked for. */
  readonly logPath: string;
  readonly pace?: Pace | undefined;
  /** A file of operating modes, CSV `time,mode`. */
  readonly modesFile?: string | undefined;
  /** A file of telecommands that were sent, CSV `time,name,arguments` or NDJSON. */
  readonly commandsFile?: string | undefined;
  /** Wall clock, milliseconds: when the log was opened. */
  readonly startedAt: number;
  readonly diagnostics: Diagnostics;
  readonly onProblems: (problems: readonly Problem[]) => void;
}

/** How far a replay is. */
export type ReplayStep = Pick<FlowOutcome, 'events' | 'packetTime' | 'tally' | 'absences'>;

/** The replay, cold; it ends with the last frame. @throws FdirError `model` or `runtime` before it begins. */
export const composeReplay = async (loaded: LoadedConfig, options: ReplayOptions): Promise<Observable<ReplayStep>> => {
  const { files, logPath, pace, modesFile, commandsFile, startedAt, diagnostics, onProblems } = options;
  const modes = modesFile === undefined ? [] : await readModes(modesFile);
  const telecommands = commandsFile === undefined ? [] : await readTelecommands(commandsFile);
  const composed = await composeJudge({ ...loaded, shadow: undefined }, diagnostics, { isAnswered: false });
  const log = openLog(logPath, startedAt);
  const { arrivals$ } = fileSource({ files, mission: loaded.mission, pace, modes, telecommands, onProblems });
  return daemonFlow({
    inbox: { arrivals$, release: () => undefined },
    judge: composed.parts,
    record: { log, diagnostics, onFailure: 'fail' },
  }).pipe(
    tap(({ acknowledge }) => {
      acknowledge();
    }),
    finalize(() => {
      log.close();
      void composed.close();
    }),
  );
};
