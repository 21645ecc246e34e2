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
import { PLAINLY_OUTSIDE } from './expected-value';
import { calibrationText, LEAST_LIKELY, tellConfidence } from './likelihood';

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
    const title = faultTitle(mission, verdict.fault);
    // No verdict calls itself unlikely.
    const sure =
      verdict.confidence < LEAST_LIKELY
        ? `the likeliest of several, ${percent(verdict.confidence)}`
        : tellConfidence(verdict.confidence);
    const told = `${title}, ${sure}${rival(mission, verdict)}`;
    return reason === undefined ? told : `${told}: ${reason}`;
  }
  const guess = verdict.alternatives[0];
  if (guess === undefined) return 'no known fault';
  // The likeliest class may be of another equipment: its number must not be taken for one of this.
  const isOther = guess.equipment !== verdict.equipment && guess.equipment !== UNKNOWN;
  const whose = isOther ? ` of ${equipmentTitle(mission, guess.equipment)}` : '';
  return `no known fault; nearest is ${faultTitle(mission, guess.fault)}${whose}, ${percent(guess.confidence)}`;
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

/** Nobody can use a larger one more exactly: nominal spreads are not known so far out. */
const MAX_SIGMA = 100;

const sigma = (deviation: number): string => {
  const size = Math.abs(deviation);
  const told = size > MAX_SIGMA ? `more than ${String(MAX_SIGMA)}` : String(size);
  return `${told} sigma ${deviation >= 0 ? 'above' : 'below'}`;
};
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
      return `repeats ${String(reason.value)}${units} for ${String(reason.frames)} ${reason.counts ?? 'frames'}, nominal at most ${String(reason.nominal)}`;
    case 'spread':
      return `changes by ${String(reason.value)}${units} a frame, nominal ${reason.side === 'low' ? 'at least' : 'at most'} ${String(reason.nominal)}${units}`;
  }
};

const END = { low: 'minimum', high: 'maximum' } as const;

/** What is expected. If the others imply more than was ever seen, the most that was: how much more is an extrapolation. */
const expectedText = ({ direction, measured, expected, bound }: Attribution, units: string): string => {
  const value = `${String(expected)}${units}`;
  if (bound === undefined) return `expected ${value}`;
  const isNearer = direction === 'high' ? measured > expected : measured < expected;
  const beyond = bound === 'low' ? 'even lower than' : 'even higher than';
  return `expected ${isNearer ? 'nearer' : beyond} its nominal ${END[bound]}, ${value}`;
};

/** Undefined of a parameter that shows nothing by itself. */
const accountOf = (mission: Mission, item: Attribution): string | undefined => {
  const { parameter, deviation, measured, peakAt, reason } = item;
  const units = unitsText(mission, parameter);
  if (reason !== undefined) return reason.kind === 'joint' ? undefined : whatIsSeen(mission, reason, units);
  return Math.abs(deviation) < LEAST_DEVIATION
    ? undefined
    : `sits ${sigma(deviation)} ${impliedBy(mission)} (${String(measured)}${units}, ${expectedText(item, units)}, at ${clock(peakAt)})`;
};

/** A parameter is passed over for one that shows more only if that has this much of its share. */
const OWN_SHARE = 0.25;
/** A parameter with this share carries the anomaly alone. */
const ALONE = 0.9;

const isPlainlyOutside = ({ outside = 0, reason }: Attribution): boolean =>
  outside >= PLAINLY_OUTSIDE || reason?.kind === 'range';

/**
 * The first parameter that a person can check something of. If its value lies where it always lay, and what the others imply of it does
 * not, the others are odd. Then the one that is farthest outside of its own range is named. One with little of the share that `hidden`
 * has is no reason.
 * @param hidden the largest share of those that show nothing by themselves.
 */
const reasonIn = (
  mission: Mission,
  attribution: readonly Attribution[],
  hidden: number,
): { id: string; text: string } | undefined => {
  const telling = attribution.flatMap((item) => {
    const text = accountOf(mission, item);
    const counts = item.share >= OWN_SHARE * hidden || isPlainlyOutside(item);
    return text === undefined || !counts ? [] : [{ item, text }];
  });
  const [first] = telling;
  const isInnocent = first?.item.bound !== undefined && first.item.outside === undefined;
  const [farthest] = telling
    .filter(({ item }) => (item.outside ?? 0) >= PLAINLY_OUTSIDE)
    .sort((a, b) => (b.item.outside ?? 0) - (a.item.outside ?? 0));
  const chosen = isInnocent ? (farthest ?? first) : first;
  return chosen && { id: chosen.item.parameter, text: chosen.text };
};

/** Of one unit, and of many. */
const BECAUSE = {
  declared: ['which feeds it', 'which feed it'],
  earlier: ['which began first', 'which began first'],
  least: ['which explains most', 'which explain most'],
} as const;

/** An equipment as people say it. */
const unitTitle = (mission: Mission, equipment: string): string =>
  equipment === UNKNOWN ? 'parameters of no equipment' : equipmentTitle(mission, equipment);

const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;

/** What a sentence says of a cascade, before its judgement in brackets; empty of an anomaly that stands alone. */
export const cascadePhrase = (mission: Mission, cascade: Cascade | undefined): string => {
  if (cascade === undefined) return '';
  if (cascade.role === 'symptom') {
    const [ofOne, ofMany] = BECAUSE[cascade.reason];
    return `, a symptom of ${unitTitle(mission, cascade.equipment)}, ${cascade.equipment === UNKNOWN ? ofMany : ofOne}`;
  }
  const units = [...new Set(cascade.symptoms.map(({ equipment }) => equipment))];
  const isOne = units.length === 1 && units[0] !== UNKNOWN;
  return `, the root of what ${listed(units.map((unit) => unitTitle(mission, unit)))} ${isOne ? 'shows' : 'show'}`;
};

/** What shows little: a person looks twice before seeing it. */
const FAINT: ReadonlySet<Reason['kind'] | undefined> = new Set(['joint', 'repeats', 'spread']);

/** How sure the verdict is of its equipment, whatever the fault: the classes of it that the record holds, so at least that. */
const sureOf = ({ equipment, fault, confidence, alternatives, set }: Verdict): number => {
  // Of packages without sets the confidence of an unknown fault is that of the equipment already.
  if (fault === UNKNOWN && set === undefined) return confidence;
  const others = alternatives.filter((item) => item.equipment === equipment);
  return others.reduce((sum, item) => Math.min(1, sum + item.confidence), confidence);
};

/** That the verdict names one equipment and the evidence shows in another, so that nobody is surprised. */
const elsewhere = (mission: Mission, verdict: Verdict, owner: string): string =>
  verdict.equipment === UNKNOWN || owner === verdict.equipment
    ? ''
    : ` named with at least ${percent(sureOf(verdict))}, whatever the fault, though the evidence shows in ${unitTitle(mission, owner)}:`;

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
  const ownerOf = (id: string): string => mission.parameters.find((one) => one.id === id)?.equipment ?? UNKNOWN;
  const own = attribution.filter(
    ({ parameter, share, reason }) =>
      ownerOf(parameter) === verdict.equipment && (!FAINT.has(reason?.kind) || share >= OWN_SHARE * top.share),
  );
  // Where the verdict names no equipment, its owner follows the parameter. Else the sentence has named it before.
  const whose = (owner: string): string => (owner === UNKNOWN ? '' : ` of ${equipmentTitle(mission, owner)}`);
  const silent = attribution.find((item) => accountOf(mission, item) === undefined);
  const hidden = silent?.share ?? 0;
  const found = reasonIn(mission, own, hidden) ?? reasonIn(mission, attribution, hidden);
  const most = silent ?? top;
  const shown = found?.id ?? most.parameter;
  const owner = ownerOf(shown);
  const title = parameterTitle(mission, shown);
  if (found === undefined) {
    const named = `${title}${owner === verdict.equipment ? '' : whose(owner)}`;
    return most.share >= ALONE
      ? `${subject}: anomalous through how ${named} behaves over time, ${since}`
      : `${subject}: anomalous through several parameters together, most of all ${named}, ${since}`;
  }
  const ownerText = verdict.equipment === UNKNOWN ? whose(owner) : '';
  return `${subject}:${elsewhere(mission, verdict, owner)} ${title}${ownerText} ${found.text} ${since}`;
};
