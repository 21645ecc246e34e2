/** Evaluates the conditions of a rule into a trace: every condition with its actual value, also after one that fails. */
import type { RecoveryRequest } from '../domain/events';
import type { Explanation } from '../domain/explanation';
import type { Match } from '../domain/match';

/** One condition in words, the value it met, and whether it held. */
export type ConditionTrace = RecoveryRequest['trace'][number];

const seconds = (ms: number): string => `${String(ms / 1000)} s`;

const isOneOf = (what: string, wanted: readonly string[], actual: string): ConditionTrace => ({
  condition: wanted.length === 1 ? `${what} is ${wanted.join()}` : `${what} is one of ${wanted.join(', ')}`,
  actual,
  holds: wanted.includes(actual),
});

/**
 * The trace of `when` on an anomaly at packet time `time` (milliseconds), in the order equipment, fault, confidence,
 * duration; a condition left out is not traced. All of them must hold: an empty trace holds.
 */
export const traceConditions = (when: Match, explanation: Explanation, time: number): readonly ConditionTrace[] => {
  const { equipment, fault, confidence } = explanation.verdict;
  const duration = time - Date.parse(explanation.start);
  const trace: ConditionTrace[] = [];
  if (when.equipment !== undefined) trace.push(isOneOf('equipment', when.equipment, equipment));
  if (when.fault !== undefined) trace.push(isOneOf('fault', when.fault, fault));
  if (when.confidence !== undefined) {
    const holds = confidence >= when.confidence;
    trace.push({ condition: `confidence >= ${String(when.confidence)}`, actual: confidence, holds });
  }
  if (when.confidenceBelow !== undefined) {
    const holds = confidence < when.confidenceBelow;
    trace.push({ condition: `confidence < ${String(when.confidenceBelow)}`, actual: confidence, holds });
  }
  if (when.duration !== undefined) {
    const holds = duration >= when.duration;
    trace.push({ condition: `duration >= ${seconds(when.duration)}`, actual: seconds(duration), holds });
  }
  return trace;
};
