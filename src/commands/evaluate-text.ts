/** The figures of an evaluation for people: a line each, a column for each package. */
import type { EventGroup } from '../core/metrics/event-groups';
import type { Evaluation } from '../fit/evaluate/evaluation';
import type { PredictedRate } from '../fit/evaluate/predicted-rate';

export const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)} %`);
export const figure = (value: number | null, digits = 2, units = ''): string =>
  value === null ? '-' : `${value.toFixed(digits)}${units}`;
/** Fast telemetry has delays of milliseconds. */
const seconds = (value: number | null): string =>
  value !== null && value > 0 && value < 1 ? `${String(Number(value.toPrecision(2)))} s` : figure(value, 0, ' s');
const count = (value: number | null): string => (value === null ? '-' : String(value));

/** Told beside the found events; nothing if there are none, or if an older document does not say. */
export const alreadyOpenText = ({ alreadyOpen }: { readonly alreadyOpen?: number | null }): string =>
  alreadyOpen == null || alreadyOpen === 0 ? '' : ` (${String(alreadyOpen)} already under alarm)`;

/** What the fit promised, never without the bound: a plain 0 of a short recording promises nothing. */
export const predictedText = (rate: PredictedRate | null): string => {
  if (rate === null) return '-';
  const bound = (value: number): string => figure(value, value < 10 ? 2 : 1);
  const { perDay, low, high } = rate;
  return `${figure(perDay, 2)} (${low === 0 ? 'below' : `${bound(low)} to`} ${bound(high)})`;
};

/** With its 95 % interval: a rate alone says nothing of how long was looked. */
const falseAlarms = ({ falseAlarmsPerDay, falseAlarmsPerDayInterval: range }: Evaluation['events']): string =>
  `${figure(falseAlarmsPerDay, 2)}${range === null ? '' : ` (${figure(range.low, 2)} to ${figure(range.high, 2)})`}`;

interface Line {
  readonly title: string;
  readonly text: (evaluation: Evaluation) => string;
}

const LINES: readonly Line[] = [
  {
    title: 'windows (anomalous, unscored)',
    text: ({ windows: w }) => `${count(w.n)} (${count(w.anomalous)}, ${count(w.unscored)})`,
  },
  { title: 'threshold', text: ({ threshold: t }) => `${t.value.toPrecision(4)} (${t.source})` },
  { title: 'false-positive rate of windows', text: ({ windows }) => percent(windows.falsePositiveRate) },
  { title: 'detection rate of windows', text: ({ windows }) => percent(windows.detectionRate) },
  { title: 'area under the ROC curve', text: ({ windows }) => figure(windows.auc, 4) },
  { title: 'isolation, balanced accuracy', text: ({ isolation }) => percent(isolation.balancedAccuracy) },
  { title: 'isolation by the peepholes alone', text: ({ isolation }) => percent(isolation.peepholeBalancedAccuracy) },
  {
    title: 'identification, balanced accuracy',
    text: ({ identification }) => percent(identification.balancedAccuracy),
  },
  {
    title: 'identification, always naming one',
    text: ({ identification }) => percent(identification.forcedBalancedAccuracy),
  },
  { title: 'identification, unknown', text: ({ identification }) => percent(identification.unknownRate) },
  {
    title: 'over all labelled windows: isolation, identification',
    text: ({ allWindows: a }) =>
      `${percent(a.isolation.balancedAccuracy)}, ${percent(a.identification.balancedAccuracy)}`,
  },
  {
    title: 'calibration error (ECE), Brier score',
    text: ({ calibration: c }) => `${figure(c.ece, 3)}, ${figure(c.brier, 3)}`,
  },
  {
    title: 'sets of classes: hold the truth, mean size',
    text: ({ conformal: c }) => `${percent(c?.coverage ?? null)}, ${figure(c?.meanSize ?? null)}`,
  },
  {
    title: 'events found, missed; false anomalies',
    text: ({ events: e }) => `${count(e.found)}${alreadyOpenText(e)}, ${count(e.missed)}; ${count(e.false)}`,
  },
  {
    title: 'events: precision, recall, F0.5',
    text: ({ events: e }) => `${percent(e.precision)}, ${percent(e.recall)}, ${figure(e.f05, 3)}`,
  },
  {
    title: 'nominal time under alarm',
    text: ({ events: e }) => percent(e.nominalTimeUnderAlarm),
  },
  {
    title: 'false alarms a day, 95 % interval',
    text: ({ events: e }) =>
      `${figure(e.falseAlarmsPerDay, 2)}${e.falseAlarmsPerDayInterval === null ? '' : ` (${figure(e.falseAlarmsPerDayInterval.low, 2)} to ${figure(e.falseAlarmsPerDayInterval.high, 2)}, ${figure(e.nominalDays, 1)} nominal days)`}`,
  },
  {
    title: 'predicted by the fit, 95 % interval',
    text: (evaluation) => predictedText(evaluation.predictedFalseAlarms),
  },
  {
    title: 'anomalies naming the right equipment, fault',
    text: ({ events: e }) => `${percent(e.rightEquipment)}, ${percent(e.rightFault)}`,
  },
  { title: 'anomalies a day', text: ({ events: e }) => figure(e.alarmsPerDay, 1) },
  { title: 'anomalies on the release edge of a fault', text: ({ events: e }) => count(e.released) },
  {
    title: 'sampling instants: F1, false alarms, missed',
    text: ({ points: p }) =>
      `${figure(p?.f1 ?? null, 3)}, ${percent(p?.falseAlarmRate ?? null)}, ${percent(p?.missedRate ?? null)}`,
  },
  {
    title: 'median delay of those not yet under alarm',
    text: ({ events }) => seconds(events.medianDelaySeconds),
  },
  {
    title: 'windows a second (bare detector)',
    text: ({ cost: c }) => `${count(c.windowsPerSecond)} (${count(c.detectorOnlyWindowsPerSecond)})`,
  },
  { title: 'overhead of the explanation', text: ({ cost }) => percent(cost.explanationOverhead) },
];

const inColumns = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

/** What each tap alone would have named, and all of them together first. */
const tapLines = ({ taps }: Evaluation): readonly string[] =>
  taps.length < 2 || taps.every(({ windows }) => windows === 0)
    ? []
    : [
        '',
        ...inColumns([
          ['tap alone, window by window', 'right unit', 'right fault', 'both'],
          ...taps.map(({ tap, equipment, fault, both }) => [tap, percent(equipment), percent(fault), percent(both)]),
        ]),
      ];

/** What is found and what is false when a head says nothing; the whole package first. */
const leftOutLines = ({ events, leftOut }: Evaluation, of: string): readonly string[] =>
  leftOut.length === 0
    ? []
    : [
        '',
        ...inColumns([
          [`left out${of}`, 'found', 'right unit', 'right fault', 'median delay', 'false a day', 'nominal time'],
          ...[{ head: 'nothing', events }, ...leftOut].map(({ head, events: e }) => [
            head,
            `${count(e.found)} of ${e.found === null || e.missed === null ? '-' : String(e.found + e.missed)}${alreadyOpenText(e)}`,
            percent(e.rightEquipment),
            percent(e.rightFault),
            seconds(e.medianDelaySeconds),
            falseAlarms(e),
            percent(e.nominalTimeUnderAlarm),
          ]),
        ]),
      ];

const groupLines = (title: string, groups: readonly EventGroup[]): readonly string[] =>
  groups.length === 0
    ? []
    : [
        '',
        ...inColumns([
          [title, 'found', 'right unit', 'right fault', 'median delay'],
          ...groups.map((group) => [
            group.name,
            `${String(group.found)} of ${String(group.events)}${alreadyOpenText(group)}`,
            percent(group.rightEquipment),
            percent(group.rightFault),
            seconds(group.medianDelaySeconds),
          ]),
        ]),
      ];

/** Per fault kind and per unit, of each package. */
const describeGroups = (evaluation: Evaluation, several: boolean): readonly string[] => {
  const { model, events } = evaluation;
  const of = several ? ` (${model.id})` : '';
  return [
    ...tapLines(evaluation),
    ...groupLines(`fault${of}`, events.byFault ?? []),
    ...groupLines(`unit${of}`, events.byEquipment ?? []),
    ...leftOutLines(evaluation, of),
  ];
};

/** Share of nominal time under alarm from which on a model does not fit the pass at all. */
const MISFIT = 0.5;

/** An alarm that lasts finds every event: what else is counted then misleads. */
const misfitLines = ({ model: { id, detector }, events: { nominalTimeUnderAlarm } }: Evaluation): readonly string[] =>
  detector === 'peer' || (nominalTimeUnderAlarm ?? 0) < MISFIT
    ? []
    : [
        '',
        `WARNING: ${percent(nominalTimeUnderAlarm)} of the nominal time is under alarm, so ${id} does not fit this pass and its other figures mean little.`,
        `Is it another spacecraft or season? Then fit a package on its own days, or take ${id} over: fdir fit --adapt.`,
      ];

export const describeEvaluations = (evaluations: readonly Evaluation[]): readonly string[] => [
  ...inColumns([
    ['', ...evaluations.map(({ model }) => (model.detector === 'peer' ? model.id : `${model.id} (${model.method})`))],
    ...LINES.map(({ title, text }) => [title, ...evaluations.map(text)]),
  ]),
  ...evaluations.flatMap((evaluation) => describeGroups(evaluation, evaluations.length > 1)),
  ...evaluations.flatMap(misfitLines),
];
