/** `fdir rules diff`: a pass under two versions of the rules. Like every replay it can reach nothing. */
import { lastValueFrom, reduce } from 'rxjs';
import { composeReplay } from './replay';
import { loadConfigWithRules } from '../config/load-config';
import { diffDecisions, type DecisionDiff } from '../core/rehearsal/decision-diff';
import type { PipelineEvent } from '../domain/events';
import type { Problem } from '../domain/errors';

export interface RulesDiffOptions {
  readonly config: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly passes: readonly string[];
  readonly modesFile?: string | undefined;
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
  readonly onProblem: (problem: Problem) => void;
}

const decisions = async (options: RulesDiffOptions, rules: readonly string[]): Promise<readonly PipelineEvent[]> => {
  const { config, passes, modesFile, startedAt, onProblem } = options;
  const loaded = loadConfigWithRules(config, rules);
  const steps$ = await composeReplay(loaded, {
    files: passes,
    logPath: ':memory:',
    modesFile,
    startedAt,
    diagnostics: {
      dropped: () => undefined,
      vital: (part, ok, detail) => {
        if (!ok) onProblem({ message: `${part} failed: ${detail ?? 'no reason given'}` });
      },
    },
    onProblems: (problems) => {
      problems.forEach(onProblem);
    },
  });
  const append = (all: PipelineEvent[], { events }: { readonly events: readonly PipelineEvent[] }): PipelineEvent[] => {
    // Records of anomalies are large, and the same under both versions.
    all.push(...events.filter(({ type }) => type !== 'anomaly'));
    return all;
  };
  return lastValueFrom(steps$.pipe(reduce(append, [] as PipelineEvent[])), { defaultValue: [] });
};

/** @throws FdirError `config` when either version is wrong, `input` when a pass is unusable. */
export const composeRulesDiff = async (options: RulesDiffOptions): Promise<DecisionDiff> =>
  diffDecisions(await decisions(options, options.before), await decisions(options, options.after));
