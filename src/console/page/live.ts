/**
 * The overview as it now is: the snapshot, and every change since.
 *
 * The page never moves under the reader. New rows and revisions wait behind a bar that counts them. After five seconds without
 * a pulse the page says so and loses its colours.
 */
import type { ConsoleEventName, ConsoleEvents } from '../api/events';
import type { Overview } from '../api/overview';
import type { ReplayView } from '../api/replay';
import { createStore } from './store';
import { listenToEvents, type StreamEvent } from './stream';

export const overview = createStore<Overview | null>(null);
/** When the newest event came, by the page's clock; null before the first. */
export const heardAt = createStore<number | null>(null);
/** Why there is no connection; null while there is one. */
export const lost = createStore<string | null>(null);
export const replays = createStore<ReadonlyMap<string, ReplayView>>(new Map());

type ConsoleEvent = {
  [Name in ConsoleEventName]: { readonly name: Name; readonly data: ConsoleEvents[Name] };
}[ConsoleEventName];
const listeners = new Set<(event: ConsoleEvent) => void>();
/** Changes as they come, for a page that shows more than the overview holds. */
export const onChange = (listener: (event: ConsoleEvent) => void): (() => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

const replaced = <T>(items: readonly T[], item: T, isSame: (other: T) => boolean): T[] => {
  const at = items.findIndex(isSame);
  return at < 0 ? [...items, item] : items.map((other, index) => (index === at ? item : other));
};

const SEVERITY = { high: 0, medium: 1, low: 2, informative: 3 };
const STATE = { triggered: 0, pending: 1, returned: 2, acknowledged: 3, cleared: 4 };
type AlarmOf = Overview['alarms'][number];
/** What nobody has seen comes first, the gravest of it at the top; shelved ones last. */
const byUrgency = (a: AlarmOf, b: AlarmOf): number =>
  Number(a.shelved !== null) - Number(b.shelved !== null) ||
  SEVERITY[a.severity] - SEVERITY[b.severity] ||
  STATE[a.state] - STATE[b.state] ||
  b.changedAt.localeCompare(a.changedAt);

const byExpiry = (a: Overview['recoveries'][number], b: Overview['recoveries'][number]): number =>
  Number(b.state === 'waiting') - Number(a.state === 'waiting') || a.expiry.localeCompare(b.expiry);

/** The overview after an event; events that are not about it leave it as it is. */
export const changed = (now: Overview | null, event: ConsoleEvent): Overview | null => {
  if (event.name === 'snapshot') return event.data;
  if (now === null) return null;
  switch (event.name) {
    case 'pulse':
      return { ...now, pulse: event.data };
    case 'anomaly': {
      const { data } = event;
      const others = now.openAnomalies.filter((item) => item.id !== data.id);
      return { ...now, openAnomalies: data.state === 'open' ? [data, ...others] : others };
    }
    case 'alarm': {
      const { data } = event;
      const alarms = replaced(now.alarms, data, (other) => other.name === data.name);
      return { ...now, alarms: alarms.filter(({ state }) => state !== 'cleared').sort(byUrgency) };
    }
    case 'recovery': {
      const { data } = event;
      const recoveries = replaced(now.recoveries, data, (other) => other.id === data.id);
      return { ...now, recoveries: recoveries.filter(({ isOver }) => !isOver).sort(byExpiry) };
    }
    case 'equipment': {
      const { data } = event;
      return { ...now, equipment: replaced(now.equipment, data, (other) => other.equipment === data.equipment) };
    }
    case 'rule':
    case 'model':
    case 'verdict':
    case 'order':
    case 'telemetry':
    case 'replay':
      return now;
  }
};

const hear = (raw: StreamEvent): void => {
  heardAt.set(Date.now());
  lost.set(null);
  // The server makes both from one schema.
  const event = raw as unknown as ConsoleEvent;
  overview.set(changed(overview.get(), event));
  if (event.name === 'replay') replays.set(new Map(replays.get()).set(event.data.id, event.data));
  for (const listener of [...listeners]) listener(event);
};

export const goLive = (): (() => void) =>
  listenToEvents({
    onEvent: hear,
    onLost: (why) => {
      lost.set(why);
    },
  });
