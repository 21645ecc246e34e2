/** A condition that was read and type-checked once, at load, and is evaluated many times. Made by `config/compile-condition.ts`. */
import type { Facts } from '../../domain/facts';
import type { TraceItem, Truth } from '../../domain/truth';

export interface ConditionResult {
  readonly truth: Truth;
  /** Every sub-expression with the value it had, in the order it is written; also after one that decided. */
  readonly trace: readonly TraceItem[];
}

export interface Condition {
  readonly text: string;
  /** Cheap: stops at what decides, and makes no trace. */
  judge(facts: Facts): Truth;
  /** The same truth, and why. */
  explain(facts: Facts): ConditionResult;
}
