/** `fdir replay --mqtt`: a recording on its way to a broker, as the spacecraft would have sent it. */
import { dirname } from 'node:path';
import { recordedFrames, type FileSourceOptions } from './adapters/file-source';
import { accessFor, readBrokerAccess } from './adapters/broker-access';
import { connectPublisher } from './adapters/mqtt-publisher';
import type { LoadedConfig } from './config/load-config';
import { topicsOf } from './core/topics';
import type { PartialFrame } from './domain/telemetry';
import { isoTime } from './domain/units';

export interface PublishOptions extends Omit<FileSourceOptions, 'mission'> {
  readonly url: string;
  readonly onNote: (line: string) => void;
}

/**
 * Played as fast as possible, frames travel this many a message: Mosquitto drops what exceeds a thousand queued messages of a
 * subscriber, and a recording is read faster than it is judged. Played in time, every frame is a message of its own.
 */
const FRAMES_PER_MESSAGE = 100;

const messageOf = (frames: readonly PartialFrame[]): string => {
  const items = frames.map(({ time, values }) => ({ time: isoTime(time), values }));
  return JSON.stringify(items.length === 1 ? items[0] : items);
};

/** @returns how many frames the broker has taken. @throws FdirError `input` or `runtime`. */
export const publishRecording = async (
  { file, mission, config }: LoadedConfig,
  options: PublishOptions,
): Promise<number> => {
  const { telemetry } = topicsOf(config.mqtt.baseTopic, mission.spacecraft);
  const access = accessFor(options.url, config.mqtt.url, readBrokerAccess(config.mqtt, { baseDir: dirname(file) }));
  // A client id of its own: with the daemon's, the broker would throw the daemon out.
  const clientId = `fdir-replay-${String(process.pid)}`;
  const publisher = await connectPublisher(options.url, clientId, options.onNote, access);
  const most = options.pace === undefined ? FRAMES_PER_MESSAGE : 1;
  let waiting: PartialFrame[] = [];
  let count = 0;
  const send = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const message = messageOf(waiting);
    count += waiting.length;
    waiting = [];
    await publisher.publish(telemetry, message);
  };
  try {
    for await (const frame of recordedFrames({ ...options, mission })) {
      waiting.push(frame);
      if (waiting.length >= most) await send();
    }
    await send();
  } finally {
    await publisher.close();
  }
  return count;
};
