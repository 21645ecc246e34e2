/** What the draft of a mission says where there is no recording, only a definition of packets. */
import { MAX_PARAMETERS } from '../../domain/mission';
import type { KnownFacts } from './known-facts';
import type { ParameterSurvey } from './survey';
import { yamlText } from './yaml-text';

/** Where neither a recording nor a definition says how often packets come: housekeeping is often sent once a second. */
export const DEFAULT_PERIOD_MS = 1000;

/** Who says the sampling period: the rates of the definition, or nobody. */
export type PeriodSource = 'definition' | 'default';

/** What to check of the period. */
export const PERIOD_CHECKS: Readonly<Record<PeriodSource, string>> = {
  definition: 'as the rates of the containers in the definition say.',
  default: 'neither a recording nor the definition says how often packets come. Give the period of most packets.',
};

type Facts = ReadonlyMap<string, KnownFacts> | undefined;

const isHeader = (facts: Facts, id: string): boolean => facts?.get(id)?.isHeader === true;

/** What a first mission watches without a recording: all but the headers of packets, as far as a mission has room. */
export const watchedOfDefinition = (
  parameters: readonly ParameterSurvey[],
  facts: Facts,
): readonly ParameterSurvey[] => {
  const contents = parameters.filter(({ id }) => !isHeader(facts, id));
  return (contents.length > 0 ? contents : parameters).slice(0, MAX_PARAMETERS);
};

/** Parameters of a definition that the mission does without. */
export const leftOutOfDefinition = (parameters: readonly ParameterSurvey[], facts: Facts): readonly string[] => {
  const section = (reason: string, ids: readonly string[]): readonly string[] =>
    ids.length === 0
      ? []
      : [
          '',
          `  # CHECK left out: ${reason}. Take the first "#" away where that is wanted.`,
          ...ids.map((id) => `  # - { id: ${yamlText(id)}${facts?.get(id)?.isEvent === true ? ', kind: event' : ''} }`),
        ];
  const ids = parameters.map(({ id }) => id);
  return [
    ...section(
      'fields of the header that every packet begins with',
      ids.filter((id) => isHeader(facts, id)),
    ),
    ...section(
      `a mission has at most ${String(MAX_PARAMETERS)} parameters`,
      ids.filter((id) => !isHeader(facts, id)),
    ),
  ];
};

/** What stands before the parameters. */
export const DEFINITION_LINES: readonly string[] = [
  '# valid: a sample outside is counted and never scored, so the range must hold all the unit can do, broken too. Here it is what',
  '# the definition says. CHECK which parameters a model can learn: one that never changes, or only ever rises, is better left out.',
  '# limits: checked with or without a model; here the alarms of the definition, none is guessed. For example:',
];
