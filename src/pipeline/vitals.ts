/** What the daemon says of itself on `state`: which parts work, folded into one word. */
import { BehaviorSubject, combineLatest, distinctUntilChanged, map, type Observable } from 'rxjs';
import type { daemonStates } from '../domain/health';
import type { ActionState } from '../domain/rules';
import type { VitalPart } from './ports';

/** Payloads of the `state` topic. */
export type DaemonState = (typeof daemonStates)[number];

export class Vitals {
  private readonly impaired$ = new BehaviorSubject<ReadonlySet<VitalPart>>(new Set());
  private readonly mode$: BehaviorSubject<ActionState>;
  /** `degraded` while a part does not work, else `passive` unless requests are let out. */
  readonly state$: Observable<DaemonState>;

  constructor(mode: ActionState) {
    this.mode$ = new BehaviorSubject(mode);
    this.state$ = combineLatest([this.impaired$, this.mode$]).pipe(
      map(([{ size }, now]): DaemonState => (size > 0 ? 'degraded' : now === 'active' ? 'online' : 'passive')),
      distinctUntilChanged(),
    );
  }

  /** Without a log nothing is acted upon: no recovery without a record. */
  get mode(): ActionState {
    const { value } = this.mode$;
    return value === 'active' && this.impaired$.value.has('log') ? 'passive' : value;
  }

  /** A person switched the whole function. */
  switchTo(mode: ActionState): void {
    this.mode$.next(mode);
  }

  /** Parts that do not work. */
  get impaired(): readonly VitalPart[] {
    return [...this.impaired$.value];
  }

  /** @returns whether this changed anything. */
  report(part: VitalPart, ok: boolean): boolean {
    if (this.impaired$.value.has(part) !== ok) return false;
    const next = new Set(this.impaired$.value);
    if (ok) next.delete(part);
    else next.add(part);
    this.impaired$.next(next);
    return true;
  }
}
