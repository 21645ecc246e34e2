/** Step 1 of the start-up: what the daemon is told of itself, and the log with what the last run left in it. */
import { dirname, resolve } from 'node:path';
import { readChainKey } from '../../adapters/log/chain-key';
import { LastingLog } from '../../adapters/log/lasting-log';
import type { Outbox } from '../../adapters/log/outbox';
import { daemonDiagnostics } from '../../adapters/host/diagnostics';
import { unmanaged, type ServiceManager } from '../../adapters/host/service-manager';
import type { CheckpointSubject } from '../../adapters/log/checkpoint';
import type { LoadedConfig } from '../../config/load-config';
import type { DaemonEvent } from '../../domain/daemon-event';
import { describeError } from '../../domain/errors';
import type { StoredState, LedgerEntry } from '../../domain/ledger';
import { isFunctionState } from '../../domain/requests';
import type { ActionState } from '../../domain/rules';
import type { ResumedMemory } from '../../pipeline/memory';
import type { Diagnostics } from '../../pipeline/ports';
import { Vitals } from '../../pipeline/vitals';
import { raiseVitals, type VitalAlarms } from '../self-alarms';
import type { DaemonOptions } from './daemon-options';
import { DaemonStatus } from './daemon-status';
import type { RunningParts } from './running-parts';

/** A daemon whose log is open. */
export interface OpenedDaemon {
  readonly loaded: LoadedConfig;
  readonly options: DaemonOptions;
  readonly parts: RunningParts;
  readonly service: ServiceManager;
  readonly status: DaemonStatus;
  readonly vitals: Vitals;
  readonly alarms: VitalAlarms;
  readonly diagnostics: Diagnostics;
  readonly log: LastingLog;
  readonly outbox: Outbox;
  /** What the log kept of recoveries, alarms and what people set. */
  readonly kept: StoredState;
  /** What the judgement resumes. */
  readonly resumed: ResumedMemory;
  /** What checkpoints are about; a swap of the model changes it. */
  readonly subject: { manifest: CheckpointSubject['manifest'] };
  /** The flow got on, or waits for a reason that a restart would not mend. */
  progressed(): void;
  /** Keeps a daemon event; if the log cannot take it, the log is reported as impaired. */
  note(event: DaemonEvent): void;
}

/** The action state that was kept last, when one was. */
export const modeIn = (ledger: readonly LedgerEntry[]): ActionState | undefined => {
  const entry = ledger.findLast((item) => item.kind === 'memory' && item.name === 'mode');
  const value = entry?.kind === 'memory' ? entry.value : undefined;
  return typeof value === 'string' && isFunctionState(value) ? value : undefined;
};

type Tellers = Pick<OpenedDaemon, 'status' | 'vitals' | 'alarms' | 'diagnostics' | 'service' | 'progressed'>;

/** What the parts of the daemon tell, before any of them exists. */
const tellers = (loaded: LoadedConfig, { clock, logger, service = unmanaged }: DaemonOptions): Tellers => {
  const vitals = new Vitals(loaded.config.mode);
  const status = new DaemonStatus(clock.now());
  const progressed = (): void => {
    status.lastProgressAt = clock.now();
    service.progressed();
  };
  const alarms = raiseVitals(daemonDiagnostics(logger, vitals), vitals, clock);
  const diagnostics: Diagnostics = {
    ...alarms.diagnostics,
    vital: (part, ok, detail) => {
      alarms.diagnostics.vital(part, ok, detail);
      // A log that is tried again and again is a known wait, which a restart would not mend.
      if (part === 'log' && !ok) progressed();
    },
  };
  return { status, vitals, alarms, diagnostics, service, progressed };
};

/** @throws FdirError `runtime` when neither the log nor a new one in its place can be opened, `config` for an unfit key. */
export const openDaemonLog = (loaded: LoadedConfig, options: DaemonOptions, parts: RunningParts): OpenedDaemon => {
  const { clock, logger, isFresh = false } = options;
  const { config, mission, manifest, program, logPath } = loaded;
  const told = tellers(loaded, options);
  const { status, vitals, alarms, diagnostics } = told;
  const log = new LastingLog(logPath, {
    now: () => clock.now(),
    onSetAside: (aside, reason) => {
      logger.error({ aside, reason }, 'the log is damaged and was set aside; a new one was begun');
      const file = { part: 'log file', detail: `damaged, and set aside as ${aside}` };
      for (const works of [false, true]) alarms.raise({ ...file, works });
    },
    onGone: () => {
      logger.error({ log: logPath }, 'the log file was moved or deleted; a new one was begun');
      const file = { part: 'log file', detail: 'moved or deleted while it was written; a new one was begun' };
      for (const works of [false, true]) alarms.raise({ ...file, works });
    },
    chainKey: readChainKey(config.log.key, dirname(resolve(loaded.file))),
    onMigrated: (copy) => {
      logger.info({ copy }, 'the log was brought up to date; a copy of it as it was is kept');
    },
  });
  parts.add('log', () => {
    log.close();
  });
  const kept = log.restore();
  const subject = { mission, manifest, program };
  const { resumed, refused } = log.resume(subject, isFresh);
  status.resume(resumed);
  // What a person switched off stays off over a restart; what a person switched on begins as the configuration says.
  const keptMode = kept.memory['mode'];
  if (keptMode === 'passive' || keptMode === 'disabled') vitals.switchTo(keptMode);
  const note = (event: DaemonEvent): void => {
    try {
      log.note(clock.now(), event);
    } catch (error) {
      diagnostics.vital('log', false, describeError(error));
    }
  };
  for (const { part, reason } of refused) {
    logger.warn({ part }, `the daemon does not resume this part of the last run: ${reason}`);
    note({ kind: 'checkpoint-refused', detail: { part, reason } });
  }
  const outbox = log.outbox(() => clock.now());
  return { ...told, loaded, options, parts, log, outbox, kept, resumed, subject, note };
};
