/** Step 2 of the start-up: the judgement with its model, and what is measured of both. */
import { DEFAULT_GUARD, guardScorer } from '../../pipeline/guard-scorer';
import { keepHistory, type HistoryKeeper } from '../history';
import { composeJudge, type ComposedJudge } from '../judgement';
import { observeDaemon, type Observation } from '../metrics';
import type { OpenedDaemon } from './open-log';

/** A daemon that can judge. */
export interface ModelledDaemon extends OpenedDaemon {
  readonly composed: ComposedJudge;
  readonly observation: Observation;
  /** Undefined when nobody wants it. */
  readonly history: HistoryKeeper | undefined;
  /** Keeps what the shadow model was seen to do. */
  noteShadow(): void;
}

/** Rejects when it is aborted; what comes of `work` after that is let go by `discard`. */
const unlessAborted = async <T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  discard: (result: T) => unknown,
): Promise<T> => {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (signal.aborted) void work.then(discard, () => undefined);
    throw error;
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
};

/** @throws FdirError `model` when the package does not run here; the reason of the signal when that comes first. */
export const makeModel = async (opened: OpenedDaemon): Promise<ModelledDaemon> => {
  const { loaded, options, parts, diagnostics, kept, resumed, note } = opened;
  const { config, mission } = loaded;
  const { logger, isAnswered = true, signal } = options;
  const observation = observeDaemon({ config, spacecraft: mission.spacecraft, logger });
  const { metrics } = observation;
  const history = keepHistory(loaded, {
    logger,
    clock: options.clock,
    note: (message) => {
      note({ kind: 'history', detail: { message } });
    },
  });
  parts.add('history', () => {
    history?.stop();
  });
  const making = composeJudge(
    loaded,
    diagnostics,
    { isAnswered, kept },
    {
      wrap: (scorer) => guardScorer(metrics?.timedScorer(scorer) ?? scorer, DEFAULT_GUARD),
      resumed,
      inThread: config.modelThread,
      signal,
      history,
    },
  );
  const composed = await unlessAborted(making, signal, (late) => late.close());
  const noteShadow = (): void => {
    const { models } = composed;
    if (models?.report !== undefined) note({ kind: 'shadow', detail: models.report });
  };
  parts.add('model', () => composed.close());
  return { ...opened, composed, observation, history, noteShadow };
};
