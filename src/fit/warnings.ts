/** What a package cannot promise, in words: told at the end of a fit, kept in the manifest, and shown with its figures. */
import { describeOdd, type OddStretch } from './odd-stretch';
import { LEAST_SHARE, type HeadSight } from './head-sight';

export interface Promises {
  readonly sight: readonly HeadSight[];
  /** Cases of each fault that stand out from nominal telemetry; of methods that count them. */
  readonly casesByClass?: Readonly<Record<string, number>> | undefined;
  /** What was counted of the budget, with its 95 % interval; undefined where there was nothing to count on. */
  readonly predicted?: { readonly perDay: number; readonly high: number; readonly nominalDays: number } | undefined;
  readonly falseAlarmsPerDay: number;
  /** Nominal windows that alone set the threshold. */
  readonly odd?: OddStretch | undefined;
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const aboutHeads = (sight: readonly HeadSight[]): string[] => {
  const blind = sight.filter(({ shares }) => Object.values(shares).every((share) => share < LEAST_SHARE));
  if (blind.length === 0) return [];
  const names = listed(blind.map(({ head }) => head));
  if (blind.length === sight.length)
    return [
      `NO head sees any of the injected faults (${names}): record calmer telemetry, or choose other fault classes`,
    ];
  const [sees, it] = blind.length === 1 ? ['head', 'sees'] : ['heads', 'see'];
  return [`the ${sees} ${names} ${it} NONE of the injected faults: what only such a head could find will be missed`];
};

/** Faults that no head sees: a class nobody is warned of is one that people count on. */
const aboutFaults = ({ sight, casesByClass = {} }: Promises): string[] => {
  const faults = Object.keys(sight[0]?.shares ?? {});
  const unseen = faults.filter((fault) => sight.every(({ shares }) => (shares[fault] ?? 0) < LEAST_SHARE));
  const unnamed = Object.entries(casesByClass).flatMap(([fault, count]) => (count === 0 ? [fault] : []));
  return [
    ...(unseen.length > 0 && unseen.length < faults.length
      ? [`no head sees ${listed(unseen)} as it was injected`]
      : []),
    ...(unnamed.length > 0 ? [`no window of ${listed(unnamed)} stands out: such a fault will never be named`] : []),
  ];
};

const aboutAlarms = ({ predicted, falseAlarmsPerDay }: Promises): string[] => {
  if (predicted === undefined) return ['there are too few nominal recordings to predict false alarms at all'];
  const { perDay, high, nominalDays } = predicted;
  if (falseAlarmsPerDay * nominalDays >= 1) return [];
  const most = perDay === 0 ? 3 / nominalDays : high;
  const bound = most >= 1000 ? most.toFixed(0) : most.toPrecision(3);
  return [
    `${nominalDays.toPrecision(3)} nominal days are too short to promise ${String(falseAlarmsPerDay)} false alarms a day: all that can be said is below ${bound} a day at 95 %`,
  ];
};

/** A sentence each; none for a package that keeps what it promises. */
export const warningsOf = (promises: Promises): readonly string[] => [
  ...(promises.odd === undefined ? [] : [describeOdd(promises.odd)]),
  ...aboutHeads(promises.sight),
  ...aboutFaults(promises),
  ...aboutAlarms(promises),
];
