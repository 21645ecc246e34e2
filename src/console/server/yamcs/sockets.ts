/** Subscriptions over Yamcs' WebSocket: `alarms` and `global-alarm-status`. A reader that is too slow is dropped. */
import type { Alarm } from '../../../domain/alarm';
import { yamcsClientMessage } from '../../api/yamcs';
import { globalStatusOf, isListed, yamcsAlarmOf } from './alarm-data';

/** The part of a WebSocket that is used. */
export interface Socket {
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface YamcsTarget {
  readonly instance: string;
  readonly processor: string;
}

export interface SubscriptionsOptions {
  readonly target: YamcsTarget;
  readonly spacecraft: string;
  /** Those that are not cleared. */
  readonly alarms: () => Iterable<Alarm>;
}

type Topic = 'alarms' | 'global-alarm-status';
const isTopic = (type: string): type is Topic => type === 'alarms' || type === 'global-alarm-status';

/** More is no reader but an attempt on our memory. */
const MAX_CALLS = 20;
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** WebSocket close codes (RFC 6455, section 7.4.1). */
const TOO_SLOW = 1013;

/** One client. */
export class YamcsSubscriptions {
  private readonly calls = new Map<number, Topic>();
  private lastCall = 0;
  private sequence = 0;
  private lastStatus = '';

  constructor(
    private readonly socket: Socket,
    private readonly options: SubscriptionsOptions,
  ) {}

  /** What the client says. */
  take(text: string): void {
    const read = yamcsClientMessage.safeParse(parsed(text));
    if (!read.success) {
      this.reply(0, undefined, 'this is no message of the Yamcs API');
      return;
    }
    const { type, id, options, call } = read.data;
    const replyTo = id === undefined ? undefined : String(id);
    if (type === 'cancel') {
      const number = options?.call ?? call ?? 0;
      this.reply(number, replyTo, this.calls.delete(number) ? undefined : `no call has the number ${String(number)}`);
      return;
    }
    const problem = this.problemOf(type, options);
    this.lastCall += 1;
    const number = this.lastCall;
    this.reply(number, replyTo, problem);
    if (problem !== undefined || !isTopic(type)) return;
    this.calls.set(number, type);
    this.begin(number, type);
  }

  /** An alarm as it now is; `alarms()` has it already. */
  changed(alarm: Alarm): void {
    if (alarm.state === 'pending') return;
    for (const [call, topic] of this.calls) {
      if (topic === 'alarms') this.data(call, topic, yamcsAlarmOf(this.options.spacecraft, alarm));
    }
    this.status();
  }

  /** Everything may have changed. */
  renewed(): void {
    for (const [call, topic] of this.calls) if (topic === 'alarms') this.begin(call, topic);
    this.status();
  }

  private problemOf(
    type: string,
    options: { readonly instance?: string | undefined; readonly processor?: string | undefined } | null | undefined,
  ) {
    if (!isTopic(type))
      return `nothing is subscribed to by ${type.slice(0, 60)}: there are alarms and global-alarm-status`;
    const { instance, processor } = this.options.target;
    if (options?.instance !== undefined && options.instance !== instance)
      return `no instance is called ${options.instance}: it is ${instance}`;
    if (options?.processor !== undefined && options.processor !== processor)
      return `no processor is called ${options.processor}: it is ${processor}`;
    return this.calls.size >= MAX_CALLS ? `there are ${String(MAX_CALLS)} subscriptions already` : undefined;
  }

  private begin(call: number, topic: Topic): void {
    const { alarms, spacecraft } = this.options;
    if (topic === 'global-alarm-status') {
      this.data(call, topic, globalStatusOf(alarms()));
      return;
    }
    for (const alarm of alarms()) if (isListed(alarm)) this.data(call, topic, yamcsAlarmOf(spacecraft, alarm));
  }

  private status(): void {
    const status = globalStatusOf(this.options.alarms());
    const text = JSON.stringify(status);
    if (text === this.lastStatus) return;
    this.lastStatus = text;
    for (const [call, topic] of this.calls) if (topic === 'global-alarm-status') this.data(call, topic, status);
  }

  private reply(call: number, replyTo: string | undefined, problem: string | undefined): void {
    const exception = problem === undefined ? {} : { exception: { code: 400, type: 'BadRequest', msg: problem } };
    this.write({ type: 'reply', call, seq: this.next(), data: { replyTo: replyTo ?? '', ...exception } });
  }

  private data(call: number, type: Topic, data: unknown): void {
    this.write({ type, call, seq: this.next(), data });
  }

  private next(): number {
    this.sequence += 1;
    return this.sequence;
  }

  private write(message: object): void {
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.calls.clear();
      this.socket.close(TOO_SLOW, 'too slow: connect again');
      return;
    }
    this.socket.send(JSON.stringify(message));
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
