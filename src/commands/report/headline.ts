/** The figures a person looks for first. */
import type { Evaluation } from '../../fit/evaluate/evaluation';
import { durationText, html, numberOr, percentText, type Markup } from '../../core/markup';

interface Headline {
  readonly name: string;
  readonly value: (evaluation: Evaluation) => string;
  readonly what: string;
  /** A figure without which the value would flatter; undefined if there is nothing to add. */
  readonly beside?: (evaluation: Evaluation) => string | undefined;
}

const valueOf = ({ value, beside }: Headline, evaluation: Evaluation): Markup => {
  const more = beside?.(evaluation);
  return html`${value(evaluation)}${more === undefined ? undefined : html` <span class="what">${more}</span>`}`;
};

const ratio = (part: number | null, rest: number | null): string =>
  part === null || rest === null ? '–' : `${String(part)} of ${String(part + rest)}`;

const EVENT_FIGURES: readonly Headline[] = [
  {
    name: 'events found',
    value: ({ events }) => ratio(events.found, events.missed),
    beside: ({ events: { alreadyOpen } }) =>
      alreadyOpen === null || alreadyOpen === 0 ? undefined : `${String(alreadyOpen)} already under alarm`,
    what: 'labelled faults that an anomaly overlaps',
  },
  {
    name: 'false anomalies',
    value: ({ events }) => (events.false === null ? '–' : String(events.false)),
    what: 'overlapping no label',
  },
  {
    name: 'false alarms a day',
    value: ({ events }) => numberOr(events.falseAlarmsPerDay, 2),
    what: '95 % interval in the section on faults and units',
  },
  {
    name: 'nominal time under alarm',
    value: ({ events }) => percentText(events.nominalTimeUnderAlarm),
    what: 'an alarm without end finds everything',
  },
  {
    name: 'event-wise F0.5',
    value: ({ events }) => numberOr(events.f05, 3),
    what: 'ESA-ADB, corrected for flagged nominal time',
  },
  {
    name: 'anomalies: right equipment',
    value: ({ events }) => percentText(events.rightEquipment, 0),
    what: 'of the true anomalies, when closed',
  },
  {
    name: 'anomalies: right fault',
    value: ({ events }) => percentText(events.rightFault, 0),
    what: 'of the true anomalies, when closed',
  },
  {
    name: 'median delay',
    value: ({ events }) => (events.medianDelaySeconds === null ? '–' : durationText(events.medianDelaySeconds * 1000)),
    what: 'from the start of a fault to its anomaly, of faults that were not under alarm already',
  },
];

const WINDOW_FIGURES: readonly Headline[] = [
  {
    name: 'detection rate',
    value: ({ windows }) => percentText(windows.detectionRate),
    what: 'of windows that overlap a label',
  },
  {
    name: 'false-positive rate',
    value: ({ windows }) => percentText(windows.falsePositiveRate, 2),
    what: 'of nominal windows',
  },
  {
    name: 'isolation',
    value: ({ isolation }) => percentText(isolation.balancedAccuracy),
    what: 'which equipment, balanced accuracy',
  },
  {
    name: 'isolation, peepholes alone',
    value: ({ isolation }) => percentText(isolation.peepholeBalancedAccuracy),
    what: 'the same, without attribution where the fault is unknown',
  },
  {
    name: 'identification',
    value: ({ identification }) => percentText(identification.balancedAccuracy),
    what: 'which fault, balanced accuracy',
  },
  {
    name: 'identification, forced',
    value: ({ identification }) => percentText(identification.forcedBalancedAccuracy),
    what: 'the same, were the likeliest fault always named',
  },
  {
    name: 'unknown',
    value: ({ identification }) => percentText(identification.unknownRate),
    what: 'of detected windows with a fault the model knows',
  },
  {
    name: 'calibration error',
    value: ({ calibration }) => percentText(calibration.ece),
    what: 'ECE of the named verdicts, 15 bins',
  },
  {
    name: 'windows a second',
    value: ({ cost: { windowsPerSecond, explanationOverhead } }) =>
      `${numberOr(windowsPerSecond, 0)}${explanationOverhead === null ? '' : ` (+${percentText(explanationOverhead, 0)})`}`,
    what: 'one at a time, on this machine; in brackets the time over that of the bare detector',
  },
];

export const headline = (evaluations: readonly Evaluation[]): Markup => {
  const [first, second] = evaluations;
  if (first === undefined) return html``;
  const figures = [...(first.windows.mode === 'stream' ? EVENT_FIGURES : []), ...WINDOW_FIGURES].filter(({ value }) =>
    evaluations.some((evaluation) => value(evaluation) !== '–'),
  );
  const cards = figures.map(
    (figure) =>
      html`<div class="card">
        <div class="name">${figure.name}</div>
        <div class="value">${valueOf(figure, first)}</div>
        ${
          second === undefined
            ? undefined
            : html`<div class="other">${valueOf(figure, second)} <span class="what">${second.model.id}</span></div>`
        }
        <div class="what">${figure.what}</div>
      </div>`,
  );
  return html`<div class="cards">${cards}</div>`;
};
