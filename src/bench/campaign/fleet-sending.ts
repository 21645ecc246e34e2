/** Sends the telemetry of the fleet's campaign: as fast as a fleet of a thousand sends its own, and no faster than it is judged. */
import { setTimeout as wait } from 'node:timers/promises';
import { connectPublisher } from '../../adapters/mqtt/mqtt-publisher';
import { until } from '../until';
import type { FleetMessage } from './fleet-telemetry';

/** A thousand spacecraft with a frame in four seconds each: what a fleet is built for. */
const FRAMES_PER_SECOND = 250;
/** Frames of a spacecraft that may be under way: those of open slots, and a message or two. */
const MAX_BEHIND = 10;
const LOOK_MS = 250;
const PATIENCE_MS = 600_000;

interface Telemetry {
  readonly messages: readonly FleetMessage[];
  /** Of all messages. */
  readonly frames: number;
  readonly spacecraft: number;
}

interface Pace {
  /** It takes so long, however little there is; milliseconds. */
  readonly atLeastMs?: number;
  /** Frames that were judged by now; left out: what is not judged waits at the broker. */
  judged?(): Promise<number>;
}

/** In order, evenly. @throws Error when what was sent is not judged for ten minutes. */
export const sendTelemetry = async (
  url: string,
  { messages, frames, spacecraft }: Telemetry,
  { atLeastMs = 0, judged }: Pace,
): Promise<void> => {
  const publisher = await connectPublisher(url, 'campaign-publisher', () => undefined);
  const messageMs = Math.max(atLeastMs, (frames * 1000) / FRAMES_PER_SECOND) / messages.length;
  let due = performance.now();
  for (const [index, { topic, payload }] of messages.entries()) {
    // Between two rounds of all spacecraft.
    if (judged !== undefined && index % spacecraft === 0) {
      const wanted = (index * frames) / messages.length - MAX_BEHIND * spacecraft;
      const isJudged = async (): Promise<boolean> => {
        if ((await judged()) >= wanted) return true;
        await wait(LOOK_MS);
        return false;
      };
      await until('what was sent to be judged', isJudged, PATIENCE_MS);
      due = Math.max(due, performance.now());
    }
    if (due - performance.now() > 5) await wait(due - performance.now());
    await publisher.publish(topic, payload);
    due += messageMs;
  }
  await publisher.close();
};
