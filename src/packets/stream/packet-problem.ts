/** What can be wrong with a stream of packets or one packet; each is counted, and none stops the stream. */

export type StreamProblemCode =
  | 'lost-sync' // bytes that begin no packet were passed over
  | 'truncated' // the stream ended inside a packet
  | 'checksum' // the checksum differs
  | 'gap' // sequence counts are missing
  | 'orphan-segment' // a segment without the first one
  | 'incomplete-segments' // the last segment never came
  | 'oversized'; // larger than the limit

export interface StreamProblem {
  readonly type: 'problem';
  readonly code: StreamProblemCode;
  /** Byte of the stream. */
  readonly offset: number;
  readonly apid?: number;
  readonly sequence?: number;
  /** Bytes that were passed over, or packets that are missing. */
  readonly lost?: number;
  readonly message: string;
}
