/** The one sentence a person reads first, written from the record's own numbers in the mission's own words. */
import { UNKNOWN, type Attribution, type Verdict } from '../../domain/explanation';
import { equipmentTitle, parameterTitle, type Mission } from '../../domain/mission';

const NUMBER_WORDS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
  'twenty',
];

const clock = (iso: string): string => iso.slice(11);
const faultTitle = (mission: Mission, fault: string): string =>
  mission.faults?.find(({ id }) => id === fault)?.title ?? fault;
const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

const judgement = (mission: Mission, verdict: Verdict): string => {
  if (verdict.fault !== UNKNOWN) return `${faultTitle(mission, verdict.fault)}, ${percent(verdict.confidence)}`;
  const guess = verdict.alternatives[0];
  return guess === undefined
    ? 'no known fault'
    : `no known fault; nearest is ${faultTitle(mission, guess.fault)}, ${percent(guess.confidence)}`;
};

/**
 * "Reaction wheel 2: motor current sits 3.1 sigma above what the other fifteen parameters imply (0.412 A, expected 0.35 A, at
 * 04:13:04Z) since 04:12:08Z (offset, 93 %)."
 */
export const writeSentence = (
  mission: Mission,
  start: string,
  verdict: Verdict,
  attribution: readonly Attribution[],
): string => {
  const [top] = attribution;
  const subject = verdict.equipment === UNKNOWN ? mission.spacecraft : equipmentTitle(mission, verdict.equipment);
  if (top === undefined) return `${subject}: anomalous since ${clock(start)} (${judgement(mission, verdict)}).`;
  const parameter = mission.parameters.find(({ id }) => id === top.parameter);
  const owner =
    parameter?.equipment !== undefined && parameter.equipment !== verdict.equipment
      ? ` of ${equipmentTitle(mission, parameter.equipment)}`
      : '';
  const units = parameter?.units === undefined ? '' : ` ${parameter.units}`;
  const others = mission.parameters.length - 1;
  const implied =
    others === 0
      ? 'what its model implies'
      : others === 1
        ? 'what the other parameter implies'
        : `what the other ${NUMBER_WORDS[others] ?? String(others)} parameters imply`;
  return (
    `${subject}: ${parameterTitle(mission, top.parameter)}${owner} sits ${String(Math.abs(top.deviation))} sigma ${top.direction === 'high' ? 'above' : 'below'} ${implied}` +
    ` (${String(top.measured)}${units}, expected ${String(top.expected)}${units}, at ${clock(top.peakAt)}) since ${clock(start)} (${judgement(mission, verdict)}).`
  );
};
