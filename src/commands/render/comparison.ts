/** What was found beside what the labels of the pass say, as a table. */
import type { Explanation } from '../../domain/explanation';
import type { Mission } from '../../domain/mission';
import type { Label } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import type { Look, Tone } from './look';
import { classTitle, duration, timeOfDay } from './text';

/** One label, and the anomaly that answers it; undefined when it was missed. */
export interface LabelMatch {
  readonly label: Label;
  readonly anomaly: Explanation | undefined;
}

export interface LabelComparison {
  readonly matches: readonly LabelMatch[];
  /** Anomalies that overlap no label. */
  readonly false: readonly Explanation[];
}

const overlaps = ({ start, end }: Label, anomaly: Explanation): boolean =>
  Date.parse(anomaly.start) <= end && (anomaly.end === null || Date.parse(anomaly.end) >= start);

/** Of the anomalies that overlap a label, one of its equipment answers it, or else the first. */
export const compareWithLabels = (labels: readonly Label[], anomalies: readonly Explanation[]): LabelComparison => ({
  matches: labels.map((label) => {
    const candidates = anomalies.filter((anomaly) => overlaps(label, anomaly));
    const anomaly = candidates.find(({ verdict }) => verdict.equipment === label.equipment) ?? candidates[0];
    return { label, anomaly };
  }),
  false: anomalies.filter((anomaly) => !labels.some((label) => overlaps(label, anomaly))),
});

const isRightUnit = ({ label, anomaly }: LabelMatch): boolean => anomaly?.verdict.equipment === label.equipment;
const isRightFault = ({ label, anomaly }: LabelMatch): boolean => anomaly?.verdict.fault === label.fault;

const HEADER = ['', 'unit', 'fault', 'found after', 'right unit', 'right fault'];

const cellsOf = (mission: Mission, match: LabelMatch): readonly (readonly [string, Tone | undefined])[] => {
  const { label, anomaly } = match;
  const verdictOf = (right: boolean): [string, Tone | undefined] => [right ? 'yes' : 'no', right ? 'good' : 'bad'];
  const after = anomaly === undefined ? undefined : Math.max(0, Date.parse(anomaly.detectedAt) - label.start);
  return [
    [timeOfDay(isoTime(label.start)), undefined],
    [label.equipment, undefined],
    [classTitle(mission, label.fault), undefined],
    after === undefined ? ['not found', 'bad'] : [duration(after), undefined],
    verdictOf(isRightUnit(match)),
    verdictOf(isRightFault(match)),
  ];
};

const summary = ({ matches, false: falseAlarms }: LabelComparison): string => {
  const count = (test: (match: LabelMatch) => boolean): string => String(matches.filter(test).length);
  const alarms =
    falseAlarms.length === 0
      ? 'no false alarm'
      : `${String(falseAlarms.length)} false alarm${falseAlarms.length === 1 ? '' : 's'}`;
  const found = count(({ anomaly }) => anomaly !== undefined);
  return `${found} of ${String(matches.length)} faults found, ${count(isRightUnit)} on the right unit, ${count(isRightFault)} named right; ${alarms}.`;
};

export const renderComparison = (mission: Mission, comparison: LabelComparison, { paint }: Look): readonly string[] => {
  const rows = comparison.matches.map((match) => cellsOf(mission, match));
  const widths = HEADER.map(
    (title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]?.[0].length ?? 0)) + 2,
  );
  const line = (cells: readonly (readonly [string, Tone | undefined])[]): string =>
    `  ${cells
      .map(([text, tone], column) => {
        const padded = text.padEnd(widths[column] ?? 0);
        return tone === undefined ? padded : paint(tone, padded);
      })
      .join('')}`.trimEnd();
  return [
    paint('faint', line(HEADER.map((title) => [title, undefined]))),
    ...rows.map(line),
    '',
    `  ${paint('strong', summary(comparison))}`,
  ];
};
