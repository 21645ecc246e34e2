/** `fdir replay --mqtt`: a recording on its way to a broker, as the spacecraft would have sent it. */
import { recordedFrames, type FileSourceOptions } from './adapters/file-source';
import { connectPublisher } from './adapters/mqtt-publisher';
import type { LoadedConfig } from './config/load-config';
import { topicsOf } from './core/topics';
import { isoTime } from './domain/units';

export interface PublishOptions extends Omit<FileSourceOptions, 'mission'> {
  readonly url: string;
  readonly onNote: (line: string) => void;
}

/** @returns how many frames the broker has taken. @throws FdirError `input` or `runtime`. */
export const publishRecording = async ({ mission, config }: LoadedConfig, options: PublishOptions): Promise<number> => {
  const { telemetry } = topicsOf(config.mqtt.baseTopic, mission.spacecraft);
  // A client id of its own: with the daemon's, the broker would throw the daemon out.
  const publisher = await connectPublisher(options.url, `fdir-replay-${String(process.pid)}`, options.onNote);
  let count = 0;
  try {
    for await (const { time, values } of recordedFrames({ ...options, mission })) {
      await publisher.publish(telemetry, JSON.stringify({ time: isoTime(time), values }));
      count += 1;
    }
  } finally {
    await publisher.close();
  }
  return count;
};
