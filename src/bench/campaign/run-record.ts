/** What a run leaves behind, for the properties to be checked on. */
import type { RecoveryRequest } from '../../domain/events';
import type { ActionState } from '../../domain/rules';
import type { BrokerMessage } from './virtual-broker';
import type { VirtualLog } from './virtual-log';

/** A request as it was handed to the connection. */
export interface SentRequest {
  readonly request: RecoveryRequest;
  /** Milliseconds since the run began. */
  readonly at: number;
  readonly isRecorded: boolean;
  /** Telemetry was committed before, so that its age could be known. */
  readonly hasClock: boolean;
  /** The action state of the function at that moment. */
  readonly mode: ActionState;
}

export interface CampaignRun {
  readonly log: VirtualLog;
  readonly sent: readonly SentRequest[];
  /** Requests that reached the spacecraft, in order. */
  readonly received: readonly RecoveryRequest[];
  /** Messages whose outcome is committed, in order, each as often as it was. */
  readonly dealtWith: readonly BrokerMessage[];
  /** Publications that the broker took, by their place in the log, each as often as it did. */
  readonly heard: readonly number[];
  readonly isDrained: boolean;
  readonly deaths: number;
  /** What must not happen whatever goes wrong: in words. */
  readonly troubles: readonly string[];
  readonly greatestDepth: number;
  readonly checkpointBytes: number;
}
