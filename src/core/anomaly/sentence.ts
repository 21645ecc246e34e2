/** The one sentence a person reads first, written from the record's own numbers in the mission's own words. */
import {
  LEAST_DEVIATION,
  UNKNOWN,
  type Attribution,
  type Cascade,
  type Reason,
  type Verdict,
} from '../../domain/explanation';
import { equipmentTitle, parameterTitle, type Mission } from '../../domain/mission';
import type { ReliabilityBin } from '../../domain/reliability';
import { calibrationText, tellConfidence } from './likelihood';

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

/** What definitions write for a quantity without units. */
const NO_UNITS: ReadonlySet<string> = new Set(['', '-', '1', 'none', 'n/a']);

/** Two classes are said as two; of more a sentence would be a list. */
const MAX_RIVALS = 2;

const clock = (iso: string): string => iso.slice(11);
const faultTitle = (mission: Mission, fault: string): string =>
  mission.faults?.find(({ id }) => id === fault)?.title ?? fault;
const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

/** "or Reaction wheel 3 (step)": what the set holds beside the verdict, when the two cannot be told apart. */
const rival = (mission: Mission, { equipment, fault, set = [] }: Verdict): string => {
  const others = set.filter((item) => item.equipment !== equipment || item.fault !== fault);
  const [other] = others;
  if (other === undefined || set.length > MAX_RIVALS) return '';
  const title = faultTitle(mission, other.fault);
  if (other.equipment === equipment) return ` or ${title}`;
  const who = other.equipment === UNKNOWN ? 'no equipment' : equipmentTitle(mission, other.equipment);
  return `; cannot be told from ${who}${other.fault === fault ? '' : `, ${title}`}`;
};

const judgement = (mission: Mission, verdict: Verdict, reliability: readonly ReliabilityBin[]): string => {
  if (verdict.fault !== UNKNOWN) {
    const reason = calibrationText(verdict.confidence, reliability);
    const told = `${faultTitle(mission, verdict.fault)}, ${tellConfidence(verdict.confidence)}${rival(mission, verdict)}`;
    return reason === undefined ? told : `${told}: ${reason}`;
  }
  const guess = verdict.alternatives[0];
  return guess === undefined
    ? 'no known fault'
    : `no known fault; nearest is ${faultTitle(mission, guess.fault)}, ${percent(guess.confidence)}`;
};

/** Units for people: a dash or a one stand for "none" in many definitions. */
const unitsText = (mission: Mission, id: string): string => {
  const units = mission.parameters.find((parameter) => parameter.id === id)?.units?.trim() ?? '';
  return NO_UNITS.has(units.toLowerCase()) ? '' : ` ${units}`;
};

const impliedBy = ({ parameters }: Mission): string => {
  const others = parameters.length - 1;
  if (others === 0) return 'what its model implies';
  return others === 1
    ? 'what the other parameter implies'
    : `what the other ${NUMBER_WORDS[others] ?? String(others)} parameters imply`;
};

const sigma = (deviation: number): string =>
  `${String(Math.abs(deviation))} sigma ${deviation >= 0 ? 'above' : 'below'}`;
const signed = (value: number): string => `${value < 0 ? '' : '+'}${String(value)}`;

type Checkable = Exclude<Reason, { readonly kind: 'joint' }>;

/** What a person can check of one parameter, after its name. */
const whatIsSeen = (mission: Mission, reason: Checkable, units: string): string => {
  switch (reason.kind) {
    case 'unfollowed': {
      const { command, to, at, expectedChange, measuredChange } = reason;
      return `did not follow ${parameterTitle(mission, command)} = ${String(to)} at ${clock(at)} (changed by ${signed(measuredChange)}${units}, expected ${signed(expectedChange)}${units})`;
    }
    case 'slow':
      return `lies on average ${sigma(reason.deviation)} ${impliedBy(mission)} over ${String(reason.frames)} frames`;
    case 'range':
      return `is ${String(reason.value)}${units} at ${clock(reason.at)}, nominal ${reason.side === 'low' ? 'at least' : 'at most'} ${String(reason.nominal)}${units}`;
    case 'level':
      return `is ${String(reason.value)}${units} at ${clock(reason.at)}, nominal only ${reason.seen.map(String).join(', ')}${units}`;
    case 'repeats':
      return `repeats ${String(reason.value)}${units} for ${String(reason.frames)} frames, nominal at most ${String(reason.nominal)}`;
    case 'spread':
      return `changes by ${String(reason.value)}${units} a frame, nominal ${reason.side === 'low' ? 'at least' : 'at most'} ${String(reason.nominal)}${units}`;
  }
};

/** The first parameter that a person can check something of, and what. */
const reasonIn = (mission: Mission, attribution: readonly Attribution[]): { id: string; text: string } | undefined => {
  for (const { parameter: id, deviation, measured, expected, peakAt, reason } of attribution) {
    const units = unitsText(mission, id);
    if (reason !== undefined && reason.kind !== 'joint') return { id, text: whatIsSeen(mission, reason, units) };
    if (reason === undefined && Math.abs(deviation) >= LEAST_DEVIATION)
      return {
        id,
        text: `sits ${sigma(deviation)} ${impliedBy(mission)} (${String(measured)}${units}, expected ${String(expected)}${units}, at ${clock(peakAt)})`,
      };
  }
  return undefined;
};

const BECAUSE = { declared: 'which feeds it', earlier: 'which began first', least: 'which explains most' } as const;

/** What a sentence says of a cascade, before its judgement in brackets; empty of an anomaly that stands alone. */
export const cascadePhrase = (mission: Mission, cascade: Cascade | undefined): string => {
  if (cascade === undefined) return '';
  if (cascade.role === 'symptom')
    return `, a symptom of ${equipmentTitle(mission, cascade.equipment)}, ${BECAUSE[cascade.reason]}`;
  return `, the root of what ${cascade.symptoms.map(({ equipment }) => equipmentTitle(mission, equipment)).join(', ')} show`;
};

/** A parameter of the accused equipment with this much of the largest share is named first: there a person looks. */
const OWN_SHARE = 0.25;

export interface SentenceFacts {
  readonly mission: Mission;
  readonly start: string;
  readonly verdict: Verdict;
  readonly attribution: readonly Attribution[];
  /** Of the model package, when it has them. */
  readonly reliability?: readonly ReliabilityBin[];
}

/**
 * Writes for example "Reaction wheel 2: motor current sits 3.1 sigma above what the other fifteen parameters imply". Value, time and the
 * likely kind follow: "(0.412 A, expected 0.35 A, at 04:13:04Z) since 04:12:08Z (offset, very likely, 93 %)." If the package has
 * reliability bins, the last brackets say how many such verdicts were right. If no parameter shows anything by itself, it says so.
 */
export const writeSentence = ({ mission, start, verdict, attribution, reliability = [] }: SentenceFacts): string => {
  const subject = verdict.equipment === UNKNOWN ? mission.spacecraft : equipmentTitle(mission, verdict.equipment);
  const since = `since ${clock(start)} (${judgement(mission, verdict, reliability)}).`;
  const [top] = attribution;
  if (top === undefined) return `${subject}: anomalous ${since}`;
  const ownerOf = (id: string): string | undefined => mission.parameters.find((one) => one.id === id)?.equipment;
  const own = attribution.filter(
    ({ parameter, share }) => ownerOf(parameter) === verdict.equipment && share >= OWN_SHARE * top.share,
  );
  const found = reasonIn(mission, own) ?? reasonIn(mission, attribution);
  if (found === undefined)
    return `${subject}: anomalous through several parameters together, most of all ${parameterTitle(mission, top.parameter)}, ${since}`;
  const owner = ownerOf(found.id);
  const whose = owner !== undefined && owner !== verdict.equipment ? ` of ${equipmentTitle(mission, owner)}` : '';
  return `${subject}: ${parameterTitle(mission, found.id)}${whose} ${found.text} ${since}`;
};
