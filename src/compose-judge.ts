/** Puts the judgement together for the daemon and for a replay alike: the model package, the rules and the plain limits. */
import { explain } from './core/explanation';
import { createOnnxScorer } from './adapters/onnx-scorer';
import type { LoadedConfig } from './config/load-config';
import type { JudgeParts } from './pipeline/judge';
import type { Diagnostics, Scorer } from './pipeline/ports';
import { rulesLogic } from './pipeline/with-actions';
import { anomalyLogic } from './pipeline/with-anomalies';
import { findSufficient } from './pipeline/with-sufficient';

export interface ComposedJudge {
  readonly parts: JudgeParts;
  close(): Promise<void>;
}

/** Written into records made without rules. */
const NO_RULES = '';

/** @throws FdirError `model` when the package does not run here. */
export const composeJudge = async (loaded: LoadedConfig, diagnostics: Diagnostics): Promise<ComposedJudge> => {
  const { mission, model, manifest, rules, config } = loaded;
  const scorer: Scorer | undefined = model === undefined ? undefined : await createOnnxScorer(model, manifest);
  const context = scorer && { mission, manifest: scorer.manifest, rulesSha256: rules?.sha256 ?? NO_RULES };
  return {
    parts: {
      mission,
      diagnostics,
      model: scorer &&
        context && {
          scorer,
          anomalies: anomalyLogic(mission.spacecraft, scorer.manifest),
          explanations: {
            findSufficient: (scored) => findSufficient(scorer, mission, scored),
            explain: (revision, sufficient) => explain(context, revision, sufficient),
          },
        },
      rules: rules && rulesLogic(rules, config.mode),
    },
    close: async () => scorer?.close(),
  };
};
