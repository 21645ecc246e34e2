/** The report of a shift as sections of plain lines and tables, which Markdown and HTML both show. */
import type { ShiftAlarm, ShiftAnomaly, ShiftReport } from '../../domain/shift-report';
import type { NoteRecord } from '../../domain/note';
import { tellConfidence } from '../anomaly/likelihood';

export interface ShiftTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface ShiftSection {
  readonly title: string;
  /** Each is a paragraph. */
  readonly lines: readonly string[];
  readonly table?: ShiftTable;
}

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${String(count)} ${count === 1 ? one : many}`;
/** "2026-03-01 04:12:08". */
const clock = (iso: string): string => iso.replace('T', ' ').replace(/(\.\d+)?Z$/, '');

const because = (text: string): string => (text === '' ? '' : `, because: ${text}`);

const stateOf = ({ state, acknowledged, shelved }: ShiftAlarm): string => {
  const parts = [state === 'returned' ? 'back to normal' : state === 'acknowledged' ? '' : 'not acknowledged'];
  if (acknowledged !== null)
    parts.push(`acknowledged by ${acknowledged.by} at ${clock(acknowledged.time)}${because(acknowledged.because)}`);
  if (shelved !== null) {
    const until = shelved.until === null ? '' : ` until ${clock(shelved.until)}`;
    parts.push(`shelved by ${shelved.by}${until}${because(shelved.because)}`);
  }
  return parts.filter((part) => part !== '').join('; ');
};

const alarmSection = ({ alarms: { open, triggered, cleared } }: ShiftReport): ShiftSection => ({
  title: 'Open alarms',
  lines: [
    `${counted(open.length, 'alarm')} open at the end. In the shift alarms were triggered ${counted(triggered, 'time')} and cleared ${counted(cleared, 'time')}.`,
  ],
  table: {
    columns: ['since', 'severity', 'alarm', 'state'],
    rows: open.map((alarm) => [clock(alarm.since), alarm.severity, alarm.name, stateOf(alarm)]),
  },
});

const endOf = ({ closedAt, isNew }: ShiftAnomaly): string =>
  `${isNew ? 'new, ' : ''}${closedAt === null ? 'open' : `closed ${clock(closedAt)}`}`;

const anomalySection = ({ anomalies }: ShiftReport): ShiftSection => ({
  title: 'Anomalies',
  lines: [
    `${counted(anomalies.filter(({ isNew }) => isNew).length, 'anomaly', 'anomalies')} opened, ` +
      `${String(anomalies.filter(({ closedAt }) => closedAt !== null).length)} closed, ` +
      `${String(anomalies.filter(({ closedAt }) => closedAt === null).length)} open at the end.`,
  ],
  table: {
    columns: ['detected', 'state', 'what', 'how sure', 'id'],
    rows: anomalies.map((anomaly) => [
      clock(anomaly.detectedAt),
      endOf(anomaly),
      anomaly.sentence,
      tellConfidence(anomaly.confidence),
      anomaly.id,
    ]),
  },
});

const recoverySection = ({ recoveries, waiting }: ShiftReport): ShiftSection => ({
  title: 'Recoveries',
  lines: [
    waiting.length === 0
      ? 'No request waits for a decision.'
      : `${counted(waiting.length, 'request waits', 'requests wait')} for a decision: ${waiting.join(', ')}.`,
  ],
  table: {
    columns: ['last step', 'state', 'rule', 'equipment', 'by', 'note', 'id'],
    rows: recoveries.map(({ since, state, rule, equipment, by, note, id }) => [
      clock(since),
      state,
      rule,
      equipment,
      by,
      note,
      id,
    ]),
  },
});

const NOTE_WORDS = { note: 'note', 'hand-over': 'hand-over', confirmation: 'confirmation' } as const;

const subjectOf = ({ kind, about, target }: Pick<NoteRecord, 'kind' | 'about' | 'target'>): string => {
  if (kind === 'confirmation') return `hand-over ${target}`;
  return about === 'shift' ? 'the shift' : `${about} ${target}`;
};

const noteRow = ({ time, by, kind, about, target, text, sequence }: NoteRecord): readonly string[] => [
  clock(time),
  by,
  kind === 'hand-over' ? `hand-over ${String(sequence)}` : NOTE_WORDS[kind],
  subjectOf({ kind, about, target }),
  text,
];

const noteSection = ({ notes, takenOver }: ShiftReport): ShiftSection => ({
  title: 'Notes and hand-over',
  lines:
    takenOver === null
      ? ['Nothing was handed over to this shift.']
      : [
          `${takenOver.note.by} handed over at ${clock(takenOver.note.time)}, ${
            takenOver.confirmedBy === null ? 'confirmed by nobody' : `confirmed by ${takenOver.confirmedBy}`
          }: ${takenOver.note.text}`,
        ],
  table: { columns: ['time', 'by', 'kind', 'on', 'text'], rows: notes.map(noteRow) },
});

const eventSection = (title: string, none: string, lines: ShiftReport['outages']): ShiftSection => ({
  title,
  lines: lines.length === 0 ? [none] : [],
  table: {
    columns: ['time', 'severity', 'what'],
    rows: lines.map(({ time, severity, sentence }) => [clock(time), severity, sentence]),
  },
});

const droppedLine = ({ dropped }: ShiftReport): string => {
  const reasons = Object.entries(dropped).sort(([a], [b]) => a.localeCompare(b));
  return reasons.length === 0
    ? 'No telemetry was dropped in runs of the daemon that ended in the shift.'
    : `Dropped: ${reasons.map(([reason, count]) => `${String(count)} ${reason}`).join(', ')}.`;
};

/** In the order in which they are read. */
export const shiftSections = (report: ShiftReport): readonly ShiftSection[] => {
  const { daemon, nearMisses, orders, outages, changes, leftOut } = report;
  const outage = eventSection('Outages and drops', 'Nothing failed.', outages);
  const all: ShiftSection[] = [
    {
      title: 'The daemon',
      lines: [
        daemon === null
          ? 'The log says nothing of the daemon.'
          : `The daemon was ${daemon.state === 'started' ? 'running' : daemon.state} at the end, since ${clock(daemon.since)}.`,
      ],
    },
    noteSection(report),
    alarmSection(report),
    anomalySection(report),
    recoverySection(report),
    {
      title: 'Near misses',
      lines: nearMisses.length === 0 ? ['None.'] : [],
      table: {
        columns: ['alarm', 'times', 'last'],
        rows: nearMisses.map(({ name, count, last }) => [name, String(count), clock(last)]),
      },
    },
    { ...outage, lines: [...outage.lines, droppedLine(report)] },
    eventSection('Model and rules', 'Neither model nor rules changed, and the daemon was not restarted.', changes),
    {
      title: 'What people ordered',
      lines: orders.length === 0 ? ['Nothing.'] : [],
      table: {
        columns: ['time', 'by', 'order', 'on', 'answer'],
        rows: orders.map(({ time, by, request, target, message }) => [clock(time), by, request, target, message]),
      },
    },
  ];
  const cut = Object.entries(leftOut).map(([name, count]) => `${String(count)} ${name}`);
  if (cut.length === 0) return all;
  return [
    ...all,
    { title: 'Left out', lines: [`Lists are cut: ${cut.join(', ')} are not shown. "fdir log" has all.`] },
  ];
};

export const shiftTitle = ({ since, until }: ShiftReport): string => `Shift ${clock(since)} to ${clock(until)} UTC`;

/** Which clock is which. */
export const CLOCKS =
  'Alarms, anomalies and recoveries have packet time. Notes, orders and events of the daemon have wall-clock time. All times are UTC.';
