/** The evaluation trace of a rule as a tree: a condition hangs below the smallest one whose text holds it. */
import type { RecoveryAccount } from '../api/recovery';

export type ShownTraceItem = RecoveryAccount['trace'][number];
export interface TraceNode {
  readonly item: ShownTraceItem;
  readonly children: readonly TraceNode[];
}

export const traceTree = (trace: readonly ShownTraceItem[]): readonly TraceNode[] => {
  const parentOf = trace.map((item, index) => {
    let parent = -1;
    trace.forEach((other, at) => {
      const holds =
        at !== index && other.condition.length > item.condition.length && other.condition.includes(item.condition);
      if (holds && (parent < 0 || other.condition.length < (trace[parent]?.condition.length ?? 0))) parent = at;
    });
    return parent;
  });
  const below = (parent: number): TraceNode[] =>
    trace.flatMap((item, index) => (parentOf[index] === parent ? [{ item, children: below(index) }] : []));
  return below(-1);
};
