/** What the daemon says of itself on `state`: which parts work, folded into one word, and in words why. */
import { BehaviorSubject, combineLatest, distinctUntilChanged, map, type Observable } from 'rxjs';
import type { daemonStates } from '../domain/health';
import type { ActionState } from '../domain/rules';
import type { VitalPart } from './ports';

/** Payloads of the `state` topic. */
export type DaemonState = (typeof daemonStates)[number];

type Impairments = ReadonlyMap<VitalPart, string>;

/** What follows from a part that does not work. */
const CONSEQUENCE: Readonly<Record<VitalPart, string>> = {
  log: 'passive because the log cannot be written: nothing is acted upon without a record',
  inference: 'the model does not work: plain limits and monitors go on',
  telemetry: 'no telemetry comes from the broker',
  delivery: 'the broker refuses what is published',
  notify: 'alarms wait for a receiver that does not take them',
  coverage: 'parameters are missing from the telemetry',
};

const stateOf = (impaired: Impairments, mode: ActionState): DaemonState => {
  if (impaired.has('log')) return 'passive';
  if (impaired.size > 0) return 'degraded';
  return mode === 'active' ? 'online' : 'passive';
};

export class Vitals {
  private readonly impaired$ = new BehaviorSubject<Impairments>(new Map());
  private readonly mode$: BehaviorSubject<ActionState>;
  /** Another daemon of this spacecraft that acts; undefined: none. */
  acting: string | undefined;
  /** `passive` while the log cannot be written, `degraded` while another part does not work, else `passive` unless requests are let out. */
  readonly state$: Observable<DaemonState>;

  constructor(mode: ActionState) {
    this.mode$ = new BehaviorSubject(mode);
    this.state$ = combineLatest([this.impaired$, this.mode$]).pipe(
      map(([impaired, now]) => stateOf(impaired, now)),
      distinctUntilChanged(),
    );
  }

  /** Without a log nothing is acted upon: no recovery without a record. */
  get mode(): ActionState {
    const { value } = this.mode$;
    return value === 'active' && this.impaired$.value.has('log') ? 'passive' : value;
  }

  /** Another daemon acts, and this one does not. */
  get isSecond(): boolean {
    return this.acting !== undefined && this.mode !== 'active';
  }

  /** A person switched the whole function. */
  switchTo(mode: ActionState): void {
    this.mode$.next(mode);
  }

  /** Parts that do not work. */
  get impaired(): readonly VitalPart[] {
    return [...this.impaired$.value.keys()];
  }

  /** For people: why the state is not `online`. */
  get reasons(): readonly string[] {
    const reasons = [...this.impaired$.value].map(([part, detail]) =>
      detail === '' ? CONSEQUENCE[part] : `${CONSEQUENCE[part]} (${detail})`,
    );
    const { value } = this.mode$;
    const other = this.acting === undefined ? '' : `: another daemon of this spacecraft acts (${this.acting})`;
    return value === 'active' ? reasons : [...reasons, `the function is switched to ${value}${other}`];
  }

  /** What is missing from the telemetry, in words; empty when nothing is. Alarms of its own tell of it. */
  reportCoverage(missing: string): void {
    const { value } = this.impaired$;
    if ((value.get('coverage') ?? '') === missing) return;
    const next = new Map(value);
    if (missing === '') next.delete('coverage');
    else next.set('coverage', missing);
    this.impaired$.next(next);
  }

  /** @returns whether this changed anything. */
  report(part: VitalPart, ok: boolean, detail = ''): boolean {
    if (this.impaired$.value.has(part) !== ok) return false;
    const next = new Map(this.impaired$.value);
    if (ok) next.delete(part);
    else next.set(part, detail);
    this.impaired$.next(next);
    return true;
  }
}
