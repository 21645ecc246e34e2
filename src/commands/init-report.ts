/** What `fdir init` tells: what was found in the recordings, and the commands that come next. */
import type { SurveyedFile } from '../adapters/passes/survey-reader';
import { describeRecording } from '../core/onboarding/mission-draft';
import { fillValueText } from '../core/telemetry/fill-values';
import { natureOf, type ParameterNature } from '../core/onboarding/parameter-guess';
import { durationText } from '../core/onboarding/step-counts';
import type { Survey } from '../core/onboarding/survey';
import { formatProblem } from '../domain/errors';
import { equipmentIds, type Mission } from '../domain/mission';

/** Longer lists are cut: the mission file has them all. */
const TOLD_NAMES = 8;

const list = (names: readonly string[]): string =>
  names.length <= TOLD_NAMES
    ? names.join(', ')
    : `${names.slice(0, TOLD_NAMES).join(', ')} and ${String(names.length - TOLD_NAMES)} more`;

/** A path as a shell takes it for one word. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** What is told of the parameters of each nature that are in the mission, and of those that are not. */
const WORDS: readonly (readonly [ParameterNature, boolean, string])[] = [
  ['event', true, 'flags, modes or sent on change'],
  ['event', false, 'left out, switched a few times only'],
  ['constant', false, 'left out, never changed'],
  ['counter', true, 'only ever rise'],
  ['counter', false, 'left out, only ever rise'],
  ['empty', false, 'left out, never had a value'],
];

export interface Findings {
  readonly survey: Survey;
  readonly files: readonly SurveyedFile[];
  readonly mission: Mission;
  readonly windows: { readonly usable: number; readonly fewest: number };
}

const describeMission = ({ survey, mission }: Pick<Findings, 'survey' | 'mission'>): string => {
  const equipment = equipmentIds(mission);
  return `sampling period ${durationText(mission.sampling.periodMs)}; ${String(mission.parameters.length)} of ${String(survey.parameters.length)} parameters watched; equipment: ${
    equipment.length === 0 ? 'none that the names show' : list(equipment)
  }`;
};

/** What is in the recordings, a line each; without recordings, what is in the definition. */
export const describeFindings = ({ survey, files, mission, windows }: Findings): readonly string[] => {
  if (files.length === 0)
    return ['drafted from the definition alone: a recording would show more', describeMission({ survey, mission })];
  const { window, stride } = mission.sampling;
  const watched = new Set(mission.parameters.map(({ id }) => id));
  const named = (nature: ParameterNature, isWatched: boolean): readonly string[] =>
    survey.parameters
      .filter((parameter) => natureOf(parameter) === nature && watched.has(parameter.id) === isWatched)
      .map(({ id }) => id);
  return [
    ...files.flatMap(({ file, problems, skipped, notes }) => [
      ...notes.map(formatProblem),
      ...problems.map(formatProblem),
      ...(skipped > problems.length ? [`${file}: ${String(skipped - problems.length)} more like that`] : []),
    ]),
    ...survey.recordings.map(describeRecording),
    describeMission({ survey, mission }),
    ...WORDS.flatMap(([nature, isWatched, words]) => {
      const ids = named(nature, isWatched);
      return ids.length === 0 ? [] : [`${words}: ${list(ids)}`];
    }),
    ...survey.parameters.flatMap(({ id, fillValues }) => fillValues.map((found) => fillValueText(id, found))),
    ...files.flatMap(({ file, renames, header }) =>
      renames.length === 0
        ? []
        : [
            `${file}: left out, for a name starts with a letter and holds letters, digits, "_", "-" and ".":`,
            ...renames.slice(0, TOLD_NAMES).map(({ from, to }) => `  ${JSON.stringify(from)} -> ${to}`),
            ...(renames.length > TOLD_NAMES ? [`  and ${String(renames.length - TOLD_NAMES)} more`] : []),
            ...(header === undefined
              ? []
              : [`  rename them all: sed '1s/.*/${header}/' ${shellWord(file)} > renamed.csv`]),
          ],
    ),
    `${String(windows.usable)} usable windows of ${String(window)} frames, one every ${String(stride)} frames${
      windows.usable < windows.fewest ? `: a fit takes at least ${String(windows.fewest)}` : ''
    }`,
  ];
};

export interface NextPaths {
  readonly passes: readonly string[];
  readonly mission: string;
  readonly config: string;
  readonly model: string;
}

/** The commands that come next, with the paths they need. */
export const describeNext = ({ passes, mission, config, model }: NextPaths): readonly string[] => [
  'next:',
  `  look for CHECK in ${mission}`,
  `  fdir fit --mission ${shellWord(mission)} --nominal ${passes.length === 0 ? 'RECORDING' : passes.map(shellWord).join(' ')} --out ${shellWord(model)}`,
  `  the fit then names the model in ${config}`,
  `  fdir replay ANOTHER_PASS --config ${shellWord(config)}`,
  `  fdir rules check --config ${shellWord(config)}`,
  `  fdir run --config ${shellWord(config)}`,
];
