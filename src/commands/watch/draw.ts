/** The screen of `fdir watch` as lines: at most so many rows and columns, whatever is shown. */
import { tellConfidence } from '../../core/anomaly/likelihood';
import type { Alarm } from '../../domain/alarm';
import type { ReliabilityBin } from '../../domain/reliability';
import type { Recovery } from '../../domain/recovery';
import { severityOf } from '../../core/alarms/severity-status';
import type { Paint, Tone } from '../render/look';
import { sparkline } from '../render/sparkline';
import { chosenItem, itemsOf, keyOfItem, type WatchItem, type WatchModel, type WatchView } from './model';

export interface WatchLook {
  readonly rows: number;
  readonly columns: number;
  readonly paint: Paint;
  readonly isUnicode: boolean;
  readonly reliability: readonly ReliabilityBin[];
}

/** A smaller screen shows less than a person needs: it is drawn as if it were so large, and cut. */
const LEAST_ROWS = 10;
const ANOMALY_ROWS = 6;
/** "NOT ACKNOWLEDGED" and "shelved to 11-28 23:20". */
const STATE_WIDTH = 16;
const KEYS = 'j/k move  a acknowledge  y approve  n reject  q quit';
const STATE_TONE: Readonly<Record<string, Tone>> = {
  online: 'good',
  degraded: 'bad',
  offline: 'bad',
  passive: 'action',
};

const clock = (iso: string | null): string => (iso === null ? '-' : iso.slice(0, 19).replace('T', ' '));

/** One line, cut before it would wrap; control characters of others must not move the cursor. */
const fit = (text: string, columns: number): string => {
  const clean = text.replace(/\p{Cc}/gu, ' ');
  return clean.length <= columns ? clean : `${clean.slice(0, Math.max(0, columns - 2))}..`;
};

const heading = ({ spacecraft, state, isConnected, packetTime }: WatchView, { columns, paint }: WatchLook): string => {
  const left = fit(`fdir  ${spacecraft}`, 40);
  const right = `packet time ${clock(packetTime)}`;
  const word = isConnected ? state : 'no connection to the broker';
  const space = Math.max(1, columns - left.length - right.length - word.length - 4);
  return `${paint('heading', left)}  ${paint(isConnected ? (STATE_TONE[state] ?? 'strong') : 'bad', word)}${' '.repeat(space)}  ${paint('faint', right)}`;
};

const alarmText = ({ name, state, severity, trigger, acknowledged, shelved }: Alarm): string => {
  const status = severityOf(severity).word.padEnd(8);
  const who =
    acknowledged === null ? (state === 'returned' ? 'back to normal' : 'NOT ACKNOWLEDGED') : `ack ${acknowledged.by}`;
  const what = shelved === null ? who : `shelved to ${clock(shelved.until).slice(5, 16)}`;
  return `${status}  ${clock(trigger.time).slice(5)}  ${what.padEnd(STATE_WIDTH)}  ${name}`;
};

const requestText = ({ rule, equipment, deadline, confidence }: Recovery): string => {
  const until = deadline === null ? '' : `  until ${new Date(deadline).toISOString().slice(5, 19).replace('T', ' ')}`;
  return `APPROVE?  ${rule} on ${equipment}, ${String(Math.round(confidence * 100))} %${until}`;
};

const itemLine = (item: WatchItem, isChosen: boolean, { columns, paint }: WatchLook): string => {
  const text = item.kind === 'request' ? requestText(item.recovery) : alarmText(item.alarm);
  const line = fit(`${isChosen ? '>' : ' '} ${text}`, columns);
  if (item.kind === 'request') return paint('action', line);
  if (item.alarm.shelved !== null || item.alarm.acknowledged !== null) return paint('faint', line);
  return item.alarm.severity === 'high' ? paint('bad', line) : paint('strong', line);
};

/** A stretch of items that holds the chosen one. */
const windowOf = (items: readonly WatchItem[], chosen: number, room: number): readonly [number, number] => {
  const first = Math.min(Math.max(0, chosen - Math.floor(room / 2)), Math.max(0, items.length - room));
  return [first, Math.min(items.length, first + room)];
};

const itemLines = (model: WatchModel, room: number, look: WatchLook): readonly string[] => {
  const items = itemsOf(model.view);
  const { alarms, waiting } = model.view;
  const title = `${String(waiting.length)} waiting for a decision, ${String(alarms.length)} open alarms`;
  if (items.length === 0) return [look.paint('strong', title), look.paint('good', '  nothing needs you')];
  const chosen = chosenItem(model);
  const index = chosen === undefined ? 0 : items.findIndex((item) => keyOfItem(item) === keyOfItem(chosen));
  const [from, to] = windowOf(items, index, Math.max(1, room - 1));
  const place = items.length > to - from ? `  (${String(from + 1)}-${String(to)} of ${String(items.length)})` : '';
  return [
    look.paint('strong', fit(`${title}${place}`, look.columns)),
    ...items.slice(from, to).map((item, offset) => itemLine(item, from + offset === index, look)),
  ];
};

const wrapped = (text: string, columns: number, most: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  if (lines.length > most) lines.splice(most - 1, Infinity, `${lines[most - 1] ?? ''} ..`);
  return lines.map((item) => fit(item, columns));
};

const anomalyLines = ({ anomaly }: WatchView, look: WatchLook): readonly string[] => {
  const { columns, paint, isUnicode, reliability } = look;
  if (anomaly === null) return [paint('strong', 'newest anomaly'), '  none'];
  const [top] = anomaly.attribution;
  const series = top === undefined ? undefined : anomaly.freezeFrame.parameters[top.parameter];
  const sure = tellConfidence(anomaly.verdict.confidence, reliability);
  const name = top === undefined ? '' : `  ${top.parameter} `;
  const plot =
    series === undefined ? [] : [fit(name, 40) + sparkline(series, { width: columns - name.length - 2, isUnicode })];
  return [
    paint('strong', fit(`newest anomaly, ${anomaly.state}: ${anomaly.id}`, columns)),
    ...wrapped(anomaly.sentence, columns - 2, 3).map((line) => `  ${line}`),
    paint('faint', fit(`  ${sure}`, columns)),
    ...plot,
  ];
};

const bottomLine = ({ prompt, told }: WatchModel, { columns, paint }: WatchLook): string => {
  if (prompt === undefined)
    return told === '' ? paint('faint', fit(KEYS, columns)) : paint('action', fit(told, columns));
  const question = `${prompt.verb} ${prompt.target} because: `;
  const room = columns - 18;
  const asked = question.length <= room ? question : `${question.slice(0, room - 12)}.. because: `;
  // The end of a long text is what is being typed.
  const text = prompt.text.slice(-Math.max(1, columns - asked.length - 16));
  return paint('action', `${asked}${text}_  (Enter, Esc)`);
};

/** Exactly `rows` lines, each at most `columns` wide. */
export const drawWatch = (model: WatchModel, look: WatchLook): readonly string[] => {
  const rows = Math.max(LEAST_ROWS, look.rows);
  const { view } = model;
  const why = view.reasons.length === 0 ? '' : fit(`  ${view.reasons.join('; ')}`, look.columns);
  const anomaly = anomalyLines(view, look);
  const room = rows - 4 - Math.min(anomaly.length, ANOMALY_ROWS);
  const middle = itemLines(model, room, look);
  const body = [heading(view, look), look.paint('faint', why), ...middle];
  const filled = [...body, ...Array.from({ length: Math.max(0, rows - 2 - body.length - anomaly.length) }, () => '')];
  const all = [...filled, ...anomaly].slice(0, rows - 2);
  return [...all, '', bottomLine(model, look)].slice(-look.rows);
};
