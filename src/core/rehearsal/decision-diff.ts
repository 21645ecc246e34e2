/** What two versions of rules make of one pass: alarms and actions gained, lost and changed. */
import type { ActionEvent, CheckEvent, MonitorEvent, PipelineEvent } from '../../domain/events';
import { isFailing } from '../monitoring/checking';

/** One decision, the same under both versions when its name and occasion are. */
interface Decision {
  /** Rule and command, or monitor. */
  readonly name: string;
  /** What it is about; of an alarm its time. */
  readonly occasion: string;
  readonly time: string;
  /** In one line, for people; different text is a change. */
  readonly text: string;
}

export interface ChangedDecision {
  readonly before: Decision;
  readonly after: Decision;
}

export interface DecisionChanges {
  readonly gained: readonly Decision[];
  readonly lost: readonly Decision[];
  readonly changed: readonly ChangedDecision[];
  /** Decisions that are the same. */
  readonly same: number;
}

export interface DecisionDiff {
  readonly alarms: DecisionChanges;
  readonly actions: DecisionChanges;
}

/** An alarm that moved by less than this is the same one, later or earlier: a longer repetition, a moved limit. */
const MOVED_MS = 600_000;

const alarmOf = (event: CheckEvent | MonitorEvent): Decision[] => {
  if (!isFailing(event.to)) return [];
  const { time, to } = event;
  const name = event.type === 'monitor' ? event.monitor : (event.monitor ?? `${event.parameter} ${event.limit}`);
  const muted = event.mutedBy === undefined ? '' : `, muted by ${event.mutedBy}`;
  const severity = event.severity === undefined ? '' : ` (${event.severity})`;
  return [{ name, occasion: time, time, text: `${time} ${name}${severity}: ${to}${muted}` }];
};

const actionOf = (event: ActionEvent): Decision => {
  const { time, rule, command, level, disposition, authority, explanationId, step = 1 } = event;
  const given = Object.entries(event.arguments).map(([key, value]) => `${key}=${String(value)}`);
  const granted = authority === undefined ? '' : `, ${authority.granted}`;
  return {
    name: `${rule} ${command}`,
    occasion: `${explanationId} ${String(step)}`,
    time,
    text: `${time} ${[command, ...given].join(' ')} (rule ${rule}, level ${String(level)}, ${disposition}${granted}) for ${explanationId}`,
  };
};

const keyOf = ({ name, occasion }: Decision): string => `${name}\n${occasion}`;

const diff = (before: readonly Decision[], after: readonly Decision[]): DecisionChanges => {
  const left = new Map(after.map((item) => [keyOf(item), item]));
  const changed: ChangedDecision[] = [];
  const lost: Decision[] = [];
  let same = 0;
  for (const item of before) {
    const found = left.get(keyOf(item));
    left.delete(keyOf(item));
    if (found === undefined) lost.push(item);
    else if (found.text === item.text) same += 1;
    else changed.push({ before: item, after: found });
  }
  const gained = [...left.values()];
  const stillLost = lost.filter((item) => {
    const at = gained.findIndex(
      ({ name, time }) => name === item.name && Math.abs(Date.parse(time) - Date.parse(item.time)) < MOVED_MS,
    );
    const [moved] = at < 0 ? [] : gained.splice(at, 1);
    if (moved !== undefined) changed.push({ before: item, after: moved });
    return moved === undefined;
  });
  return { gained, lost: stillLost, changed, same };
};

export const diffDecisions = (before: readonly PipelineEvent[], after: readonly PipelineEvent[]): DecisionDiff => {
  const alarms = (events: readonly PipelineEvent[]): Decision[] =>
    events.flatMap((event) => (event.type === 'check' || event.type === 'monitor' ? alarmOf(event) : []));
  const actions = (events: readonly PipelineEvent[]): Decision[] =>
    events.flatMap((event) => (event.type === 'action' ? [actionOf(event)] : []));
  return { alarms: diff(alarms(before), alarms(after)), actions: diff(actions(before), actions(after)) };
};

/** Whether anything differs. */
export const differs = ({ alarms, actions }: DecisionDiff): boolean =>
  [alarms, actions].some(({ gained, lost, changed }) => gained.length + lost.length + changed.length > 0);
