/** Another daemon of the same spacecraft: it is told, and only one of the two acts. */
import { Subject } from 'rxjs';
import { isActing, isFirst, type Claim, type Identity } from '../../core/peers';
import { refusedAsSecond } from '../../core/response/decode-control';
import type { Control } from '../../core/response/response';
import type { DaemonEvent } from '../../domain/daemon-event';
import type { ActionState } from '../../domain/rules';
import { arrivalOf } from '../../pipeline/arrival';
import type { Arrival, Clock } from '../../pipeline/ports';

export interface PeersOptions {
  readonly clock: Clock;
  readonly self: () => Identity;
  readonly note: (event: DaemonEvent) => void;
  /** Says again what this daemon is: another one's word stands in its place. */
  readonly repeat: () => void;
  /** Who acts besides this daemon; undefined: nobody. */
  readonly onActing: (instance: string | undefined) => void;
}

/** A daemon that is there answers the first word of another one at once. What the broker kept may be of one that is gone. */
const ANSWER_MS = 20_000;
/** Others are two at most, unless somebody makes them up. */
const MAX_PEERS = 16;

interface Peer {
  readonly claim: Claim;
  /** Runs until the other one says something itself. */
  readonly timer: NodeJS.Timeout | undefined;
}

const orderOf = (state: ActionState, comment: string): Control => ({
  kind: 'request',
  asked: { topic: '', correlation: {}, request: { name: 'action-state', asked: { by: 'fdir', comment, state } } },
});

const isActivation = (control: Control): boolean =>
  control.kind === 'request' &&
  control.asked.request.name === 'action-state' &&
  control.asked.request.asked.rule === undefined &&
  control.asked.request.asked.state === 'active';

export class Peers {
  private readonly peers = new Map<string, Peer>();
  private readonly orders = new Subject<Arrival>();
  /** Orders that this daemon gives itself. */
  readonly arrivals$ = this.orders.asObservable();
  /** It was active, and went passive for another one that may be gone. */
  private yieldedTo: string | undefined;
  /** The order to become passive is on its way. */
  private isYielding = false;

  constructor(private readonly options: PeersOptions) {}

  /** Who acts besides this daemon. */
  private get acting(): string | undefined {
    return [...this.peers.values()].find(({ claim }) => isActing(claim))?.claim.instance;
  }

  hear(claim: Claim, isLive: boolean): void {
    const self = this.options.self();
    const { instance, state } = claim;
    if (instance === self.instance) return;
    const known = this.peers.get(instance);
    if (known === undefined && this.peers.size >= MAX_PEERS) return;
    clearTimeout(known?.timer);
    if (state === 'offline') {
      this.lose(instance);
      this.options.repeat();
      return;
    }
    if (self.mode !== 'active') this.isYielding = false;
    const hasWord = isFirst(self, claim);
    // If it is there, it answers what is said again. Whoever has the word needs no answer.
    const timer =
      isLive || hasWord
        ? undefined
        : setTimeout(() => {
            this.giveUp(instance);
          }, ANSWER_MS).unref();
    this.peers.set(instance, { claim, timer });
    const yields = self.mode === 'active' && isActing(claim) && !hasWord && !this.isYielding;
    if (isLive && instance === this.yieldedTo) this.yieldedTo = undefined;
    if (known?.claim.mode !== claim.mode || yields)
      this.options.note({ kind: 'another-daemon', detail: { instance, mode: claim.mode, yields } });
    this.options.onActing(this.acting);
    if (yields) {
      this.isYielding = true;
      if (!isLive) this.yieldedTo = instance;
      this.order('passive', `another daemon of this spacecraft acts: ${instance}`);
    }
    if (hasWord || !isLive) this.options.repeat();
  }

  /** An arrival whose orders to act are refused while another daemon does. */
  guarded(arrival: Arrival): Arrival {
    const { acting } = this;
    if (acting === undefined || arrival.controls?.some(isActivation) !== true) return arrival;
    const refuse = refusedAsSecond(acting);
    return {
      ...arrival,
      controls: arrival.controls.map((control) => (isActivation(control) ? refuse(control) : control)),
    };
  }

  stop(): void {
    for (const { timer } of this.peers.values()) clearTimeout(timer);
    this.peers.clear();
  }

  /** What the broker kept was of a daemon that did not say that it went. */
  private giveUp(instance: string): void {
    const wasYielded = this.yieldedTo === instance;
    this.lose(instance);
    if (wasYielded) this.order('active', `the daemon ${instance} is not there`);
  }

  private lose(instance: string): void {
    if (this.yieldedTo === instance) this.yieldedTo = undefined;
    this.isYielding = false;
    if (!this.peers.delete(instance)) return;
    this.options.note({ kind: 'another-daemon-gone', detail: { instance } });
    this.options.onActing(this.acting);
  }

  private order(state: ActionState, comment: string): void {
    this.orders.next(arrivalOf({ controls: [orderOf(state, comment)], receivedAt: this.options.clock.now() }));
  }
}
