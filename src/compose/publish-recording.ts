/** `fdir replay --mqtt`: a recording on its way to a broker, as the spacecraft would have sent it. */
import { dirname } from 'node:path';
import { recordedFrames, type FileSourceOptions } from '../adapters/passes/file-source';
import { accessFor, readBrokerAccess } from '../adapters/mqtt/broker-access';
import { readTelecommands } from '../adapters/passes/commands-reader';
import { readModes } from '../adapters/passes/modes-reader';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import type { LoadedConfig } from '../config/load-config';
import { telecommandRecord } from '../core/telemetry/telecommands';
import { topicsOf } from '../core/topics';
import type { ModeChange, PartialFrame } from '../domain/telemetry';
import { isoTime } from '../domain/units';

export interface PublishOptions extends Omit<FileSourceOptions, 'mission' | 'modes'> {
  /** Operating modes of that time, CSV `time,mode`: each is published, retained, before the first frame that it applies to. */
  readonly modesFile?: string | undefined;
  /** Telecommands of that time: each is published before the first frame after it. */
  readonly commandsFile?: string | undefined;
  readonly url: string;
  readonly onNote: (line: string) => void;
}

/**
 * If a recording is played as fast as possible, a message holds this many frames. It is read faster than it is judged, and
 * Mosquitto drops what exceeds a thousand queued messages of a subscriber. Played in time, every frame is a message of its own.
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
  const { telemetry, mode: modeTopic, command: commandTopic } = topicsOf(config.mqtt.baseTopic, mission.spacecraft);
  const modes = options.modesFile === undefined ? [] : await readModes(options.modesFile);
  const telecommands = options.commandsFile === undefined ? [] : [...(await readTelecommands(options.commandsFile))];
  const ahead = [...modes].sort((a, b) => a.time - b.time);
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
  /** What was sent in another mode goes out before the change. */
  const change = async ({ time, mode }: ModeChange): Promise<void> => {
    await send();
    await publisher.publish(modeTopic, JSON.stringify({ time: isoTime(time), mode }), { retain: true });
  };
  try {
    for await (const frame of recordedFrames({ ...options, mission })) {
      for (; telecommands[0] !== undefined && telecommands[0].time <= frame.time; telecommands.shift())
        await publisher.publish(commandTopic, JSON.stringify(telecommandRecord(telecommands[0])));
      for (; ahead[0] !== undefined && ahead[0].time <= frame.time; ahead.shift()) await change(ahead[0]);
      waiting.push(frame);
      if (waiting.length >= most) await send();
    }
    await send();
    if (ahead.length > 0)
      options.onNote(`${String(ahead.length)} modes are of later times than the recording, and were left out`);
  } finally {
    await publisher.close();
  }
  return count;
};
