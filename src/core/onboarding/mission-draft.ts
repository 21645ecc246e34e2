/** From a survey to the text of a first mission file: everything that was seen, and beside each guess what to check. */
import { isoTime } from '../../domain/units';
import {
  DEFINITION_LINES,
  leftOutOfDefinition,
  PERIOD_CHECKS,
  watchedOfDefinition,
  type PeriodSource,
} from './definition-draft';
import { limitsKeys, rangeText, type KnownFacts } from './known-facts';
import { excerpt } from '../telemetry/drop';
import { fillValueText } from '../telemetry/fill-values';
import { guessEquipment, guessUnits } from './name-guesses';
import { guessValid, natureOf, suspectedPlaceholder, VALID_MARGIN, watchedOf } from './parameter-guess';
import { durationText, isRegular } from './step-counts';
import { GAP_PERIODS, type ParameterSurvey, type RecordingSurvey, type Survey } from './survey';
import { MAX_DISTINCT } from './value-survey';
import { yamlText } from './yaml-text';

export interface DraftOptions {
  readonly spacecraft: string;
  /** The name was made from that of a file. */
  readonly isSpacecraftGuessed: boolean;
  /** Columns a mission cannot name, and what to call them. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** Fault classes a fit injects when the mission names none. */
  readonly faults: readonly string[];
  /** What a definition says of the parameters, by id; left out: nothing. */
  readonly facts?: ReadonlyMap<string, KnownFacts> | undefined;
  /** Further sections, as lines. */
  readonly sections?: readonly string[] | undefined;
  /** Who says the sampling period where there is no recording; left out: the recordings, or the user. */
  readonly periodFrom?: PeriodSource | undefined;
  /** Windows the recordings give with this mission, and how few a fit takes; undefined while not known. */
  readonly windows?: { readonly usable: number; readonly fewest: number };
}

export const DRAFT_WINDOW = 16;
export const DRAFT_STRIDE = 4;
/** One sample in twenty: what is missing less often is held from the sample before it. */
const OFTEN_MISSING = 0.05;

/** Four significant digits, for people. */
const brief = (value: number): string => String(Number(value.toPrecision(4)));
const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const plural = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`;

/** A duration for people: `6.2 d`. */
const about = (ms: number): string => {
  const [unit, name] = (
    [
      [86_400_000, 'd'],
      [3_600_000, 'h'],
      [60_000, 'min'],
    ] as const
  ).find(([size]) => ms >= 2 * size) ?? [1000, 's'];
  return `${brief(Math.round((10 * ms) / unit) / 10)} ${name}`;
};

/** One recording in a line. */
export const describeRecording = (recording: RecordingSurvey): string => {
  const { file, frames, start, end, irregularShare, gaps, longestGap, backwards } = recording;
  const longest =
    longestGap === undefined ? '' : `, the longest ${about(longestGap.durationMs)} from ${isoTime(longestGap.from)}`;
  return [
    `${excerpt(file, 200)}: ${plural(frames, 'frame')}, ${isoTime(start)} to ${isoTime(end)}`,
    gaps === 0 ? 'no gaps' : `${plural(gaps, 'gap')}${longest}`,
    ...(irregularShare > 0 ? [`${percent(irregularShare)} of the steps irregular`] : []),
    ...(backwards > 0 ? [`${plural(backwards, 'frame')} out of order`] : []),
  ].join('; ');
};

/** What was seen of one parameter, in a line. */
const describeValues = (parameter: ParameterSurvey): string => {
  const { min, max, quantiles, missing, count, changes, distinct } = parameter;
  const lost = missing > 0 ? `; missing in ${percent(missing / (count + missing))} of the frames` : '';
  const nature = natureOf(parameter);
  switch (nature) {
    case 'empty':
      return 'never had a value';
    case 'constant':
      return `always ${brief(min)}${lost}`;
    case 'event': {
      const values = distinct < MAX_DISTINCT ? `${String(distinct)} values` : 'values';
      return `${values} from ${brief(min)} to ${brief(max)}, ${plural(changes, 'change')}${lost}`;
    }
    case 'counter':
    case 'measured':
      return `${brief(min)} to ${brief(max)}, median ${brief(quantiles[1])}${lost}`;
  }
};

/** What somebody who knows the spacecraft should look at in a parameter that is watched. */
const checksOf = (parameter: ParameterSurvey, periodMs: number): readonly string[] => {
  const { missing, count, changes, explains, periodMs: own } = parameter;
  const nature = natureOf(parameter);
  const placeholder = suspectedPlaceholder(parameter);
  const isHeld = nature === 'event' || slowPeriod(parameter, periodMs) !== undefined;
  return [
    ...(nature === 'event'
      ? ['a flag, a mode or sent on change only, so it never goes stale: remove "kind" if it is sent every period']
      : []),
    ...(explains === undefined
      ? []
      : [`it switched ${plural(changes, 'time')} only, and is watched because ${explains} changes its level with it`]),
    ...(placeholder === undefined
      ? []
      : [`${brief(placeholder)} is far from all else: if it stands for "no value", narrow "valid" to keep it out`]),
    ...parameter.fillValues.map((found) => fillValueText(parameter.id, found)),
    ...(own !== undefined && own < periodMs && !isRegular(own, periodMs)
      ? [`it comes every ${durationText(own)}: of several samples in one period the first is used`]
      : []),
    ...(!isHeld && missing > OFTEN_MISSING * count
      ? ['often missing, and a window without it is not scored: hold it longer with "staleAfter", or leave it out']
      : []),
  ];
};

/** Its period when it comes regularly and less often than the mission's. */
const slowPeriod = ({ periodMs: own, regularShare }: ParameterSurvey, periodMs: number): number | undefined =>
  own !== undefined && own > periodMs && !isRegular(own, periodMs) && regularShare >= 0.5 ? own : undefined;

interface ParameterContext {
  readonly equipment: ReadonlyMap<string, string>;
  readonly periodMs: number;
  readonly isRecorded: boolean;
}

const parameterLines = (
  parameter: ParameterSurvey,
  { equipment, periodMs, isRecorded }: ParameterContext,
  known: KnownFacts = {},
): readonly string[] => {
  const { id } = parameter;
  const nature = natureOf(parameter);
  const unit = equipment.get(id);
  const units = known.units ?? guessUnits(id);
  const valid = known.valid ?? guessValid(parameter);
  const slow = nature === 'event' ? undefined : slowPeriod(parameter, periodMs);
  const keys = [
    `id: ${yamlText(id)}`,
    ...(known.title === undefined ? [] : [`title: ${JSON.stringify(known.title)}`]),
    ...(unit === undefined ? [] : [`equipment: ${yamlText(unit)}`]),
    ...(units === undefined ? [] : [`units: ${yamlText(units)}`]),
    ...(valid === undefined ? [] : [`valid: ${rangeText(valid)}`]),
    ...limitsKeys(known),
    ...(nature === 'event' || known.isEvent === true ? ['kind: event'] : []),
    ...(slow === undefined ? [] : [`staleAfter: ${durationText(Math.ceil(GAP_PERIODS * slow))}`]),
  ];
  const seen = isRecorded ? ` # ${describeValues(parameter)}` : '';
  const line = `- { ${keys.join(', ')} }${seen}`;
  return [...checksOf(parameter, periodMs).map((check) => `  # CHECK ${check}.`), `  ${line}`];
};

const leftOutLines = (parameters: readonly ParameterSurvey[], renames: DraftOptions['renames']): readonly string[] => [
  ...(parameters.length === 0
    ? []
    : [
        '',
        '  # CHECK left out: a model learns nothing of what never changed, changed a few times or only ever rose, and would raise an',
        '  # alarm at the first change. Take the first "#" away where that is wanted. What arrives of the others is not used.',
        ...parameters.map(
          (parameter) =>
            `  # - { id: ${yamlText(parameter.id)}${natureOf(parameter) === 'event' ? ', kind: event' : ''} } # ${describeValues(parameter)}`,
        ),
      ]),
  ...(renames.length === 0
    ? []
    : [
        '',
        '  # CHECK left out: columns whose names a mission cannot use; rename them in the recording.',
        ...renames.map(({ from, to }) => `  # - { id: ${to} } # now ${JSON.stringify(excerpt(from))}`),
      ]),
];

const samplingLines = (
  survey: Survey,
  periodMs: number,
  { windows, periodFrom }: Pick<DraftOptions, 'windows' | 'periodFrom'>,
): readonly string[] => {
  const few = windows !== undefined && windows.usable < windows.fewest ? windows : undefined;
  const irregular = survey.recordings.some(({ irregularShare }) => irregularShare > 0.05);
  const others = survey.recordings.filter((one) => one.periodMs !== undefined && !isRegular(one.periodMs, periodMs));
  return [
    '# period: time between two frames. window: frames the model sees at once. stride: a window starts every so many frames.',
    ...(periodFrom === undefined ? [] : [`# CHECK period: ${PERIOD_CHECKS[periodFrom]}`]),
    ...(irregular
      ? ['# CHECK period: the recorded steps vary; a frame that is missing is filled with the one before it.']
      : []),
    ...others.map(
      ({ file, periodMs: own }) =>
        `# CHECK period: ${excerpt(file, 200)} has a frame every ${durationText(own ?? 0)}; one mission has one period.`,
    ),
    ...(few === undefined
      ? []
      : [
          `# CHECK window and stride: the recordings give ${plural(few.usable, 'usable window')} and a fit takes at least ${String(few.fewest)}:`,
          '# record more, or shorten stride, then window.',
        ]),
    `sampling: { period: ${durationText(periodMs)}, window: ${String(DRAFT_WINDOW)}, stride: ${String(DRAFT_STRIDE)} }`,
  ];
};

const equipmentLines = (equipment: ReadonlyMap<string, string>): readonly string[] => {
  if (equipment.size === 0)
    return [
      '# Equipment: none, for the names show no units. Without it an anomaly names parameters, no unit: to have one named, give its',
      '# parameters `equipment: pump` each.',
    ];
  return [
    '# CHECK equipment: guessed from common prefixes. An anomaly names one of these; the title is for sentences.',
    'equipment:',
    ...[...new Set(equipment.values())].map(
      (id) => `  - { id: ${yamlText(id)}, title: ${yamlText(id.toUpperCase())} }`,
    ),
  ];
};

/** As the definition says, and where it says nothing as the names show. */
const equipmentOf = (
  watched: readonly ParameterSurvey[],
  facts: DraftOptions['facts'],
): ReadonlyMap<string, string> => {
  const guessed = guessEquipment(watched.map(({ id }) => id));
  const known = watched.flatMap(({ id }): [string, string][] => {
    const unit = facts?.get(id)?.equipment ?? guessed.get(id);
    return unit === undefined ? [] : [[id, unit]];
  });
  return new Map(known);
};

const RECORDED_LINES: readonly string[] = [
  '# valid: a sample outside is counted and never scored, so the range must hold all the unit can do, broken too. CHECK each',
  `# against the data sheet: here it is what was seen and, on either side, ${String(VALID_MARGIN)} times its width or its largest value.`,
  '# limits: checked with or without a model; none is guessed. For example:',
];

/** The mission file. A survey without recordings is that of a definition alone. @param periodMs its sampling period. */
export const draftMission = (survey: Survey, periodMs: number, options: DraftOptions): string => {
  const isRecorded = survey.recordings.length > 0;
  const watched = isRecorded ? watchedOf(survey.parameters) : watchedOfDefinition(survey.parameters, options.facts);
  const leftOut = survey.parameters.filter((parameter) => !watched.includes(parameter));
  const equipment = equipmentOf(watched, options.facts);
  return [
    isRecorded
      ? '# A first mission file, drafted by `fdir init` from recordings: what the telemetry was, not what it should be.'
      : '# A first mission file, drafted by `fdir init` from a definition alone: what may come, not what did.',
    '# CHECK marks what was guessed. The keys are explained in rules/README.md.',
    ...(isRecorded ? ['#', ...survey.recordings.map((recording) => `# ${describeRecording(recording)}`)] : []),
    '',
    ...(options.isSpacecraftGuessed ? ['# CHECK: made from the name of a file. It is a level of MQTT topics.'] : []),
    `spacecraft: ${yamlText(options.spacecraft)}`,
    '',
    ...samplingLines(survey, periodMs, options),
    '',
    ...equipmentLines(equipment),
    '',
    ...(options.sections ?? []),
    '# The fault classes to tell apart: a fit takes these. Name them here to choose among them.',
    `# faults: [${options.faults.join(', ')}]`,
    '',
    ...(isRecorded ? RECORDED_LINES : DEFINITION_LINES),
    '#   - { id: bearing_temp_c, limits: { warning: [-10, 55], critical: [-20, 70] } }',
    'parameters:',
    ...watched.flatMap((parameter) =>
      parameterLines(parameter, { equipment, periodMs, isRecorded }, options.facts?.get(parameter.id)),
    ),
    ...(isRecorded ? leftOutLines(leftOut, options.renames) : leftOutOfDefinition(leftOut, options.facts)),
    '',
  ].join('\n');
};
