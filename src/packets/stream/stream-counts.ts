/** What a reader of packets has counted. */
import type { StreamProblemCode } from './packet-problem';
import type { ApidCounts } from './sequence';

export interface StreamCounts {
  readonly bytes: number;
  /** Packets that were given out, joined ones as one. */
  readonly packets: number;
  readonly idle: number;
  /** Bytes that were passed over, and the end of the stream if it is no whole packet. */
  readonly lostBytes: number;
  readonly problems: Readonly<Partial<Record<StreamProblemCode, number>>>;
  /** By APID; telecommands under APID + 2048. */
  readonly byApid: ReadonlyMap<number, Readonly<ApidCounts>>;
}
