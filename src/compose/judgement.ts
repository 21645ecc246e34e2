/** Puts the judgement together for the daemon and for a replay alike: the model package, the rules and the plain limits. */
import type { HistoryKeeper } from './history';
import { Models } from './models';
import type { LoadedConfig } from '../config/load-config';
import type { ResponseParts } from '../core/response/response';
import type { JudgeParts } from '../pipeline/judge';
import type { ResumedMemory } from '../pipeline/memory';
import type { Diagnostics, Scorer } from '../pipeline/ports';

export interface ComposedJudge {
  readonly parts: JudgeParts;
  /** Records made from now on name these rules. */
  nameRules(sha256: string): void;
  /** Undefined when only the plain limits run. */
  readonly models: Models | undefined;
  close(): Promise<void>;
}

export interface ComposeJudgeOptions {
  /** What the daemon puts around every scorer: a guard, a clock. */
  readonly wrap?: (scorer: Scorer) => Scorer;
  /** What the last run left off with. */
  readonly resumed?: ResumedMemory;
  /** The model computes in a thread of its own. */
  readonly inThread?: boolean;
  /** Ends the start. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps what was measured and judged, for people. */
  readonly history?: Pick<HistoryKeeper, 'frames' | 'scored'> | undefined;
}

/** Written into records made without rules. */
const NO_RULES = '';

/** @throws FdirError `model` when the package does not run here. */
export const composeJudge = async (
  loaded: LoadedConfig,
  diagnostics: Diagnostics,
  response: Pick<ResponseParts, 'isAnswered' | 'kept'>,
  { wrap = (scorer) => scorer, resumed, inThread = false, signal, history }: ComposeJudgeOptions = {},
): Promise<ComposedJudge> => {
  const { mission, rules, program, config } = loaded;
  const models = await Models.start(loaded, { wrap, inThread, signal, seen: history?.scored });
  let rulesSha256 = rules?.sha256 ?? NO_RULES;
  return {
    models,
    parts: {
      mission,
      diagnostics,
      model: models?.parts(mission, () => rulesSha256),
      program,
      watched: history?.frames,
      resumed,
      response: { mode: config.mode, latchFrom: config.latchAlarms, ...response },
    },
    nameRules: (sha256) => {
      rulesSha256 = sha256;
    },
    close: async () => models?.close(),
  };
};
