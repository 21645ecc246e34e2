/** The outside world in memory: what the pipeline would meet, and a record of what it did. */
import type { PipelineEvent, RecoveryRequest } from '../../src/domain/events';
import type { Drop } from '../../src/core/telemetry/drop';
import type { PartialFrame } from '../../src/domain/telemetry';
import { arrivalOf } from '../../src/pipeline/arrival';
import type {
  RequestAnswerer,
  Arrival,
  Diagnostics,
  ExplanationLog,
  Publication,
  Publisher,
  RecoveryGateway,
} from '../../src/pipeline/ports';
import { T0, tinyValues } from './tiny-mission';

/** Everything that happened, in order. */
export interface FakeWorld {
  readonly happened: string[];
  readonly log: ExplanationLog;
  readonly publisher: Publisher;
  readonly gateway: RecoveryGateway;
  readonly desk: RequestAnswerer;
  readonly diagnostics: Diagnostics;
  /** The next `times` commits fail. */
  failCommits(times: number): void;
}

const nameOf = (event: PipelineEvent): string => {
  if (event.type === 'check') return `check ${event.parameter}`;
  if (event.type === 'report') return `report ${event.name}`;
  return event.type === 'monitor' ? `monitor ${event.monitor}` : `${event.type} ${event.id}`;
};

export const fakeWorld = (): FakeWorld => {
  const happened: string[] = [];
  const waiting: Publication[] = [];
  let failing = 0;
  return {
    happened,
    failCommits: (times) => {
      failing = times;
    },
    log: {
      commit: (events, _ledger, keeping) => {
        if (failing > 0) {
          failing -= 1;
          throw new Error('disk full');
        }
        waiting.push(...(keeping?.publications ?? []));
        happened.push(`commit ${events.map(nameOf).join(', ')}`);
      },
    },
    publisher: {
      publicationsOf: ({ events, alarms }) => [
        ...events
          .filter((event) => event.type !== 'action' || event.disposition !== 'request')
          .map((event) => ({ topic: event.type === 'action' ? 'advise' : 'publish', payload: nameOf(event) })),
        ...alarms.map(({ name, change }) => ({ topic: 'alarm', payload: `${name} ${change}` })),
      ],
      publishWaiting: () => {
        happened.push(...waiting.splice(0).map(({ topic, payload }) => `${topic} ${payload}`));
      },
    },
    desk: { answer: ({ asked }) => happened.push(`answer ${asked.request.name}`) },
    gateway: { request: (request: RecoveryRequest) => happened.push(`send ${request.id}`) },
    diagnostics: {
      dropped: (drops: readonly Drop[]) => happened.push(...drops.map(({ reason }) => `drop ${reason}`)),
      vital: (part, ok) => {
        if (!ok) happened.push(`failed ${part}`);
      },
    },
  };
};

/** A frame of the tiny mission at second `index`. */
export const tinyFrame = (index: number, change: Readonly<Record<string, number>> = {}): PartialFrame => ({
  time: T0 + index * 1000,
  values: tinyValues(index, change),
});

export const arrival = (frames: readonly PartialFrame[], more: Partial<Arrival> = {}): Arrival =>
  arrivalOf({ frames, ...more });
