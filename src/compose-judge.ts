/** Puts the judgement together for the daemon and for a replay alike: the model package, the rules and the plain limits. */
import { createOnnxScorer } from './adapters/onnx-scorer';
import type { LoadedConfig } from './config/load-config';
import { explain } from './core/explanation';
import type { ResponseParts } from './core/response';
import type { JudgeParts } from './pipeline/judge';
import type { Resumed } from './pipeline/memory';
import type { Diagnostics, Scorer } from './pipeline/ports';
import { anomalyLogic } from './pipeline/with-anomalies';
import { findSufficient } from './pipeline/with-sufficient';

export interface ComposedJudge {
  readonly parts: JudgeParts;
  /** Records made from now on name these rules. */
  nameRules(sha256: string): void;
  close(): Promise<void>;
}

/** Written into records made without rules. */
const NO_RULES = '';

/** @throws FdirError `model` when the package does not run here. */
export const composeJudge = async (
  loaded: LoadedConfig,
  diagnostics: Diagnostics,
  response: Pick<ResponseParts, 'isAnswered' | 'kept'>,
  timed: (scorer: Scorer) => Scorer = (scorer) => scorer,
  resumed?: Resumed,
  guard: (scorer: Scorer) => Scorer = (scorer) => scorer,
): Promise<ComposedJudge> => {
  const { mission, model, manifest, rules, program, config } = loaded;
  const scorer: Scorer | undefined =
    model === undefined ? undefined : guard(timed(await createOnnxScorer(model, manifest)));
  let rulesSha256 = rules?.sha256 ?? NO_RULES;
  return {
    parts: {
      mission,
      diagnostics,
      model: scorer && {
        scorer,
        anomalies: anomalyLogic(mission.spacecraft, scorer.manifest),
        explanations: {
          findSufficient: (scored) => findSufficient(scorer, mission, scored),
          explain: (revision, sufficient) =>
            explain({ mission, manifest: scorer.manifest, rulesSha256 }, revision, sufficient),
        },
      },
      program,
      resumed,
      response: { mode: config.mode, latchFrom: config.latchAlarms, ...response },
    },
    nameRules: (sha256) => {
      rulesSha256 = sha256;
    },
    close: async () => scorer?.close(),
  };
};
