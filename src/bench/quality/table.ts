/** The one table of the quality run, in Markdown, and its document (CONTRACTS section 12). */
import { alreadyOpenText, predictedText } from '../../commands/evaluate-text';
import type { EventGroup } from '../../core/metrics/event-groups';
import type { Evaluation } from '../../fit/evaluate/evaluation';
import type { QualityRow } from './run-set';

export const percent = (value: number | null | undefined): string =>
  typeof value === 'number' && Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '-';
const number = (value: number | null | undefined, digits: number): string =>
  typeof value === 'number' && Number.isFinite(value) ? value.toFixed(digits) : '-';

export const markdown = (heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

interface Column {
  readonly title: string;
  readonly text: (row: QualityRow) => string;
}

const isStream = ({ evaluation }: QualityRow): boolean => evaluation?.windows.mode === 'stream';

const foundText = ({ evaluation, isBenign, refused }: QualityRow): string => {
  const events = evaluation?.events;
  const told = refused.length === 0 ? '' : `, ${String(refused.length)} refused`;
  if (typeof events?.found !== 'number' || typeof events.missed !== 'number') return refused.length === 0 ? '-' : told;
  const total = events.found + events.missed;
  return `${String(events.found)} of ${String(total)}${isBenign ? ' alarmed, none should be' : alreadyOpenText(events)}${told}`;
};

const falseText = ({ evaluation }: QualityRow): string => {
  const events = evaluation?.events;
  if (events?.falseAlarmsPerDay == null) return '-';
  const interval = events.falseAlarmsPerDayInterval;
  return `${number(events.falseAlarmsPerDay, 2)}${interval === null ? '' : ` (${number(interval.low, 2)} to ${number(interval.high, 2)})`}`;
};

/** Documents of earlier runs have no interval. */
const promiseText = (row: QualityRow): string => {
  if (!isStream(row)) return '-';
  const rate = row.evaluation?.predictedFalseAlarms ?? null;
  return rate === null ? number(row.predictedFalseAlarmsPerDay, 2) : predictedText(rate);
};

/** Events of a stream; windows where every window is a case. */
const COLUMNS: readonly Column[] = [
  { title: 'data', text: ({ dataset, row }) => `${dataset}: ${row}` },
  { title: 'method', text: ({ method }) => method },
  { title: 'events found', text: foundText },
  {
    title: 'precision',
    text: (row) => (row.isBenign ? '-' : percent(row.evaluation?.events.precision)),
  },
  {
    title: 'recall, detection',
    text: (row) =>
      row.isBenign
        ? '-'
        : percent(isStream(row) ? row.evaluation?.events.recall : row.evaluation?.windows.detectionRate),
  },
  { title: 'F0.5', text: ({ evaluation, isBenign }) => (isBenign ? '-' : number(evaluation?.events.f05, 3)) },
  {
    title: 'nominal time under alarm, false positives',
    text: (row) =>
      percent(isStream(row) ? row.evaluation?.events.nominalTimeUnderAlarm : row.evaluation?.windows.falsePositiveRate),
  },
  { title: 'false alarms a day (95 %)', text: falseText },
  { title: 'predicted (95 %)', text: promiseText },
  {
    title: 'right unit',
    text: (row) =>
      percent(isStream(row) ? row.evaluation?.events.rightEquipment : row.evaluation?.isolation.balancedAccuracy),
  },
  {
    title: 'right fault',
    text: (row) =>
      percent(isStream(row) ? row.evaluation?.events.rightFault : row.evaluation?.identification.balancedAccuracy),
  },
  {
    title: 'unit, fault over all windows',
    text: (row) =>
      isStream(row)
        ? '-'
        : `${percent(row.evaluation?.allWindows.isolation.balancedAccuracy)}, ${percent(row.evaluation?.allWindows.identification.balancedAccuracy)}`,
  },
  {
    title: 'median delay',
    text: ({ evaluation }) =>
      evaluation?.events.medianDelaySeconds == null ? '-' : `${number(evaluation.events.medianDelaySeconds, 0)} s`,
  },
  { title: 'ECE', text: ({ evaluation }) => number(evaluation?.calibration.ece, 3) },
  {
    title: 'sets: coverage, size',
    text: ({ evaluation }) =>
      evaluation?.conformal == null
        ? '-'
        : `${percent(evaluation.conformal.coverage)}, ${number(evaluation.conformal.meanSize, 2)}`,
  },
  {
    title: 'points: F1, false, missed',
    text: ({ evaluation }) =>
      evaluation?.points?.f1 == null
        ? '-'
        : `${number(evaluation.points.f1, 3)}, ${percent(evaluation.points.falseAlarmRate)}, ${percent(evaluation.points.missedRate)}`,
  },
  { title: 'fit', text: ({ fitSeconds }) => (fitSeconds === null ? '-' : `${number(fitSeconds, 0)} s`) },
];

export const tableOf = (rows: readonly QualityRow[]): readonly string[] =>
  markdown(
    COLUMNS.map(({ title }) => title),
    rows.map((row) => COLUMNS.map(({ text }) => text(row))),
  );

const groupCells = (group: EventGroup): string[] => [
  group.name,
  `${String(group.found)} of ${String(group.events)}${alreadyOpenText(group)}`,
  percent(group.rightEquipment),
  percent(group.rightFault),
  group.medianDelaySeconds === null ? '-' : `${number(group.medianDelaySeconds, 0)} s`,
];

/** Per fault kind and unit, of rows that have them. */
export const groupTable = (rows: readonly QualityRow[]): readonly string[] => {
  const cells = rows.flatMap(({ dataset, row, method, evaluation }) =>
    (['byFault', 'byEquipment'] as const).flatMap((by) =>
      (evaluation?.events[by] ?? []).map((group) => [`${dataset}: ${row}`, method, ...groupCells(group)]),
    ),
  );
  return cells.length === 0
    ? []
    : markdown(['data', 'method', 'kind or unit', 'found', 'right unit', 'right fault', 'median delay'], cells);
};

/** What is found and what is false when each head says nothing, of rows of streams; the whole package first. */
export const leftOutTable = (rows: readonly QualityRow[]): readonly string[] => {
  const cells = rows.flatMap((row) => {
    const { dataset, row: name, evaluation } = row;
    if (evaluation === undefined || (evaluation.leftOut ?? []).length === 0) return [];
    return [{ head: 'nothing', events: evaluation.events }, ...evaluation.leftOut].map(({ head, events }) => {
      const of: QualityRow = { ...row, evaluation: { ...evaluation, events } };
      return [
        ...[`${dataset}: ${name}`, head, foundText(of), percent(events.precision), percent(events.rightEquipment)],
        ...[percent(events.rightFault), percent(events.nominalTimeUnderAlarm), falseText(of)],
      ];
    });
  });
  const heads = ['data', 'head left out', 'events found', 'precision', 'right unit', 'right fault'];
  return cells.length === 0 ? [] : markdown([...heads, 'nominal time under alarm', 'false alarms a day (95 %)'], cells);
};

/** One result a row: what `fdir evaluate --json` prints, and where it is from. */
export const documentOf = (rows: readonly QualityRow[]): unknown => ({
  schemaVersion: 1,
  results: rows.map(({ isBenign, evaluation, ...row }) => ({ ...row, benign: isBenign, ...evaluation })),
});

interface Document {
  readonly results: readonly (Omit<QualityRow, 'isBenign' | 'evaluation'> & {
    readonly benign: boolean;
  } & Partial<Evaluation>)[];
}

/** The rows of a document that an earlier run printed. @throws SyntaxError when the text is no JSON. */
export const rowsOf = (text: string): readonly QualityRow[] =>
  (JSON.parse(text) as Document).results.map((result): QualityRow => {
    const { dataset, row, method, fitSeconds, thresholdRule, benign, refused, predictedFalseAlarmsPerDay } = result;
    const { model, windows } = result;
    const evaluation = model === undefined || windows === undefined ? undefined : (result as unknown as Evaluation);
    const told = { dataset, row, method, fitSeconds, thresholdRule, isBenign: benign, refused };
    return { ...told, predictedFalseAlarmsPerDay, evaluation };
  });
