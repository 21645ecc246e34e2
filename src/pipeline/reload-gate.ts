/**
 * Where a request to reload is carried out: between two arrivals. Arrivals behind it wait. The attempt itself may wait until no
 * arrival is under way in the judgement, so that a model is swapped while nothing is judged.
 *
 * The judgement holds a slot, not a model, so one model scores, judges and explains each window.
 */
import { concatMap, defer, from, of, pipe, type MonoTypeOperatorFunction } from 'rxjs';
import type { Control } from '../core/response/response';
import type { RuleProgram } from '../core/rules/rule-program';
import { InFlightGate } from './in-flight-gate';
import type { Arrival } from './ports';

/** What came of an attempt. With `ok: false` everything stays as it was. */
export interface ReloadResult {
  readonly program: RuleProgram | undefined;
  readonly ok: boolean;
  /** For whoever asked, in words. */
  readonly message: string;
}

/**
 * Loads everything anew. @param by who asked.
 * @param whenEmpty resolves when no arrival is under way in the judgement. Must not reject.
 */
export type ReloadAttempt = (by: string, whenEmpty: () => Promise<void>) => Promise<ReloadResult>;

/** Nobody waits for an answer on it. */
const NO_TOPIC = '';

const isReload = (control: Control): boolean => control.kind === 'request' && control.asked.request.name === 'reload';

export class ReloadGate {
  private readonly inFlight = new InFlightGate();

  constructor(private readonly attempt: ReloadAttempt) {}

  /** What asks for a reload and wants no answer. */
  static order(by: string): Control {
    return {
      kind: 'request',
      asked: { topic: NO_TOPIC, correlation: {}, request: { name: 'reload', asked: { by, comment: '' } } },
    };
  }

  /** Put before the judgement. */
  entering(): MonoTypeOperatorFunction<Arrival> {
    return pipe(
      concatMap((arrival: Arrival) =>
        arrival.controls?.some(isReload) === true ? defer(() => from(this.carryOut(arrival))) : of(arrival),
      ),
      this.inFlight.entering<Arrival>(),
    );
  }

  /** Put behind the judgement. @param isLast whether the arrival has come out as a whole. */
  leaving<T>(isLast: (event: T) => boolean): MonoTypeOperatorFunction<T> {
    return this.inFlight.leaving(isLast);
  }

  private async carryOut(arrival: Arrival): Promise<Arrival> {
    const controls: Control[] = [];
    for (const control of arrival.controls ?? []) controls.push(await this.carryOutOne(control));
    return { ...arrival, controls };
  }

  private async carryOutOne(control: Control): Promise<Control> {
    if (control.kind !== 'request' || control.asked.request.name !== 'reload') return control;
    const { asked } = control;
    const { by } = control.asked.request.asked;
    const result = await this.attempt(by, () => this.inFlight.whenEmpty());
    return { kind: 'reload', ...result, by, asked: asked.topic === NO_TOPIC ? undefined : asked };
  }
}
