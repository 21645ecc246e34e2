/**
 * Where orders of people cross into the daemon. Each becomes a request like one over MQTT, and its answer finds the way back by
 * the request itself.
 */
import { Subject } from 'rxjs';
import type { Answer } from '../../core/response/response';
import type { AskedRequest, OperatorRequest, Reply } from '../../domain/requests';
import type { RequestAnswerer, Arrival } from '../../pipeline/ports';

/** Orders without an answer; a log that holds everything up must not let them pile up. */
const MAX_WAITING = 100;

export class PendingOrders {
  private readonly arrivals = new Subject<Arrival>();
  readonly arrivals$ = this.arrivals.asObservable();
  private readonly waiting = new Map<AskedRequest, (reply: Reply) => void>();

  /** @param now wall clock, milliseconds. */
  constructor(private readonly now: () => number) {}

  request(request: OperatorRequest, answer: (reply: Reply) => void): void {
    if (this.waiting.size >= MAX_WAITING) {
      answer({ ok: false, message: `${String(MAX_WAITING)} orders wait already` });
      return;
    }
    // The address is for the broker's side, which never sees this one.
    const asked: AskedRequest = { topic: 'console', correlation: {}, request };
    this.waiting.set(asked, answer);
    this.arrivals.next({
      frames: [],
      drops: [],
      controls: [{ kind: 'request', asked }],
      receivedAt: this.now(),
      isLast: false,
      acknowledge: () => undefined,
    });
  }

  /** Nobody is there any more to be answered. */
  forget(): void {
    for (const asked of this.waiting.keys()) this.waiting.set(asked, () => undefined);
  }

  /** Answers what was asked here, and leaves the rest to `answerer`. @param query answers from the log. */
  answering(answerer: RequestAnswerer, query: (request: OperatorRequest) => Reply): RequestAnswerer {
    return {
      answer: (given: Answer) => {
        const answer = this.waiting.get(given.asked);
        if (answer === undefined) {
          answerer.answer(given);
          return;
        }
        this.waiting.delete(given.asked);
        answer('query' in given.reply ? query(given.reply.query) : given.reply);
      },
    };
  }
}
