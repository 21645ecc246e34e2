/** Events by fault kind, by unit and with each head left out: bars of found, right unit and right fault, with delay beside them. */
import {
  drawing,
  durationText,
  html,
  nameWidth,
  numberOr,
  percentText,
  shortName,
  type Markup,
} from '../../core/markup';
import { alreadyOpenText } from '../evaluate-text';
import type { EventGroup } from '../../core/metrics/event-groups';
import type { Evaluation } from '../../fit/evaluate/evaluation';

const PLOT = 120;
const COLUMN = PLOT + 56;
const BAR = 12;
const ROW = BAR + 10;
const TOP = 24;

interface BarRow {
  readonly name: string;
  /** A share of each column, null where there is none. */
  readonly shares: readonly (number | null)[];
  readonly beside: string;
}

const COLUMNS = ['found', 'right unit', 'right fault'] as const;

/** One picture: a row a name, a bar a column, and a note at the end. */
const bars = (title: string, columns: readonly string[], note: string, rows: readonly BarRow[]): Markup => {
  const left = nameWidth(rows.map(({ name }) => name));
  const end = left + columns.length * COLUMN;
  const heads = [...columns, note].map(
    (column, at) => html`<text class="soft" x="${left + at * COLUMN}" y="14">${column}</text>`,
  );
  const lines = rows.map(({ name, shares, beside }, index) => {
    const y = TOP + index * ROW;
    const cells = shares.map((share, at) => {
      const x = left + at * COLUMN;
      return html`<rect class="soft-a" x="${x}" y="${y}" width="${PLOT}" height="${BAR}" rx="2" /><rect
          class="fill-a"
          x="${x}"
          y="${y}"
          width="${PLOT * (share ?? 0)}"
          height="${BAR}"
          rx="2"
        />
        <text class="ink" x="${x + PLOT + 6}" y="${y + BAR - 2}">${percentText(share, 0)}</text>`;
    });
    return html`<g
      ><text class="end ink" x="${left - 8}" y="${y + BAR - 2}">${shortName(name)}</text>${cells}<text
        class="ink"
        x="${end}"
        y="${y + BAR - 2}"
        >${beside}</text
      ></g
    >`;
  });
  return drawing(end + 250, TOP + rows.length * ROW, title, [...heads, ...lines]);
};

const delay = (seconds: number | null): string => (seconds === null ? '–' : durationText(seconds * 1000));

const groupRow =
  (titleOf: (id: string) => string) =>
  (group: EventGroup): BarRow => ({
    name: titleOf(group.name),
    shares: [group.found / group.events, group.rightEquipment, group.rightFault],
    beside: `${String(group.found)} of ${String(group.events)}${alreadyOpenText(group)}, ${delay(group.medianDelaySeconds)}`,
  });

const falseText = ({ falseAlarmsPerDay, falseAlarmsPerDayInterval: range }: Evaluation['events']): string =>
  `${numberOr(falseAlarmsPerDay, 2)}${range === null ? '' : ` (${numberOr(range.low, 2)} to ${numberOr(range.high, 2)})`}`;

const foundShare = ({ found, missed }: Evaluation['events']): number | null =>
  found === null || missed === null || found + missed === 0 ? null : found / (found + missed);

const leftOutRow = ({ head, events }: Evaluation['leftOut'][number]): BarRow => ({
  name: head,
  shares: [foundShare(events), events.rightEquipment, events.rightFault],
  beside: falseText(events),
});

export interface GroupTitles {
  readonly equipment: (id: string) => string;
  readonly fault: (id: string) => string;
}

/** Nothing without events. */
export const groupBars = ({ events, leftOut }: Evaluation, titles: GroupTitles): Markup => {
  const [byFault, byEquipment] = [events.byFault ?? [], events.byEquipment ?? []];
  const part = (title: string, what: string, picture: Markup): Markup =>
    html`<h3>${title}</h3>
      <p class="soft">${what}</p>
      ${picture}`;
  const note = 'found, median delay';
  return html`<p>
      False alarms a day, 95 %: ${falseText(events)} in ${numberOr(events.nominalDays, 1)} nominal days;
      ${percentText(events.nominalTimeUnderAlarm)} of nominal time is under alarm.
    </p>
    ${byFault.length === 0 ? undefined : part('By fault', 'Right: of the found ones.', bars('Events by fault', COLUMNS, note, byFault.map(groupRow(titles.fault))))}
    ${byEquipment.length === 0 ? undefined : part('By unit', 'Right: of the found ones.', bars('Events by unit', COLUMNS, note, byEquipment.map(groupRow(titles.equipment))))}
    ${
      leftOut.length === 0
        ? undefined
        : part(
            'Each head left out',
            'Its evidence is masked and nothing is fitted again: what a head adds is what is worse without it.',
            bars('Events without a head', COLUMNS, 'false alarms a day', [
              leftOutRow({ head: 'nothing left out', events }),
              ...leftOut.map(leftOutRow),
            ]),
          )
    }`;
};
