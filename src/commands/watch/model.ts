/** What `fdir watch` shows and how keys change it: pure, so that it can be tested without a terminal. */
import type { Alarm } from '../../domain/alarm';
import type { Explanation } from '../../domain/explanation';
import type { Recovery } from '../../domain/recovery';

/** What is known of the daemon. */
export interface WatchView {
  readonly spacecraft: string;
  /** `online`, ..., and `unknown` before it is heard of. */
  readonly state: string;
  /** Why it is not online, in words. */
  readonly reasons: readonly string[];
  readonly isConnected: boolean;
  /** Packet time; null before the first. */
  readonly packetTime: string | null;
  /** Open alarms, what needs a person first. */
  readonly alarms: readonly Alarm[];
  /** Recoveries that wait for a decision. */
  readonly waiting: readonly Recovery[];
  readonly anomaly: Pick<Explanation, 'id' | 'state' | 'sentence' | 'verdict' | 'attribution' | 'freezeFrame'> | null;
}

/** One that can be chosen: first the requests, for a spacecraft waits for those, then the alarms. */
export type WatchItem =
  { readonly kind: 'request'; readonly recovery: Recovery } | { readonly kind: 'alarm'; readonly alarm: Alarm };

export type OrderVerb = 'acknowledge' | 'approve' | 'reject';

/** An order that is being written: it leaves with Enter. */
export interface WatchPrompt {
  readonly verb: OrderVerb;
  readonly target: string;
  /** Why, as far as it is typed. */
  readonly text: string;
}

export interface WatchModel {
  readonly view: WatchView;
  /** Place of the chosen item; it follows the item when others come and go. */
  readonly chosen: string | undefined;
  readonly prompt: WatchPrompt | undefined;
  /** What became of the last order. */
  readonly told: string;
}

export type WatchEffect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'order'; readonly verb: OrderVerb; readonly target: string; readonly comment: string };

export interface WatchStep {
  readonly model: WatchModel;
  readonly effect?: WatchEffect;
}

/** What Node's readline says of a key. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

const MAX_COMMENT = 200;

export const initialWatch = (spacecraft: string): WatchModel => ({
  view: {
    spacecraft,
    state: 'unknown',
    reasons: [],
    isConnected: false,
    packetTime: null,
    alarms: [],
    waiting: [],
    anomaly: null,
  },
  chosen: undefined,
  prompt: undefined,
  told: '',
});

export const keyOfItem = (item: WatchItem): string =>
  item.kind === 'request' ? `request ${item.recovery.id}` : `alarm ${item.alarm.name}`;

export const itemsOf = ({ waiting, alarms }: WatchView): readonly WatchItem[] => [
  ...waiting.map((recovery) => ({ kind: 'request' as const, recovery })),
  ...alarms.map((alarm) => ({ kind: 'alarm' as const, alarm })),
];

/** The item that is chosen; the first when the chosen one is gone. */
export const chosenItem = ({ view, chosen }: WatchModel): WatchItem | undefined => {
  const items = itemsOf(view);
  return items.find((item) => keyOfItem(item) === chosen) ?? items[0];
};

const move = (model: WatchModel, by: number): WatchModel => {
  const items = itemsOf(model.view);
  const now = chosenItem(model);
  const index = now === undefined ? 0 : items.findIndex((item) => keyOfItem(item) === keyOfItem(now));
  const next = items[Math.min(items.length - 1, Math.max(0, index + by))];
  return { ...model, chosen: next === undefined ? undefined : keyOfItem(next) };
};

/** An order for the chosen item, when it is one for such an item. */
const begin = (model: WatchModel, verb: OrderVerb): WatchModel => {
  const item = chosenItem(model);
  if (item === undefined) return { ...model, told: 'nothing is chosen' };
  if (verb === 'acknowledge') {
    if (item.kind !== 'alarm') return { ...model, told: 'a request is approved (y) or rejected (n)' };
    return { ...model, told: '', prompt: { verb, target: item.alarm.name, text: '' } };
  }
  if (item.kind !== 'request') return { ...model, told: 'an alarm is acknowledged (a)' };
  return { ...model, told: '', prompt: { verb, target: item.recovery.id, text: '' } };
};

const write = (model: WatchModel, prompt: WatchPrompt, key: Key): WatchStep => {
  const { verb, target, text } = prompt;
  const typed = (next: string): WatchStep => ({
    model: { ...model, prompt: { ...prompt, text: next.slice(0, MAX_COMMENT) } },
  });
  if (key.name === 'escape' || (key.ctrl === true && key.name === 'c'))
    return { model: { ...model, prompt: undefined, told: 'nothing was ordered' } };
  if (key.name === 'return' || key.name === 'enter')
    return {
      model: { ...model, prompt: undefined, told: `${verb} ${target} ...` },
      effect: { kind: 'order', verb, target, comment: text.trim() },
    };
  if (key.name === 'backspace') return typed(text.slice(0, -1));
  const { sequence = '' } = key;
  // A pasted text may hold more than one character; none of them may move the cursor.
  return /^[^\p{Cc}]+$/u.test(sequence) ? typed(text + sequence) : { model };
};

/** What a key does. */
export const press = (model: WatchModel, key: Key): WatchStep => {
  if (model.prompt !== undefined) return write(model, model.prompt, key);
  if (key.ctrl === true) {
    if (key.name === 'c' || key.name === 'd') return { model, effect: { kind: 'quit' } };
    return key.name === 'l' ? { model, effect: { kind: 'redraw' } } : { model };
  }
  switch (key.name) {
    case 'q':
      return { model, effect: { kind: 'quit' } };
    case 'down':
    case 'j':
      return { model: move(model, 1) };
    case 'up':
    case 'k':
      return { model: move(model, -1) };
    case 'a':
      return { model: begin(model, 'acknowledge') };
    case 'y':
      return { model: begin(model, 'approve') };
    case 'n':
      return { model: begin(model, 'reject') };
    default:
      return { model };
  }
};
