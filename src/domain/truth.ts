/**
 * Truth with four values. A condition that was judged on telemetry is true or false. If something that it needs is stale (too
 * old, or never received), or its evaluation failed, it could not be judged. Only `true` ever triggers anything.
 */
export const truths = ['true', 'false', 'stale', 'error'] as const;
export type Truth = (typeof truths)[number];

/** One sub-expression of a condition: its text, the value it met, and its truth; `holds` is `truth === 'true'`. */
export interface TraceItem {
  readonly condition: string;
  readonly actual: string | number | boolean;
  readonly holds: boolean;
  readonly truth?: Truth | undefined;
}
