/** What a message about one spacecraft brings, and what is said to whoever asked something. */
import type { FleetLog } from '../../adapters/log/fleet-log';
import { readControlMessage } from '../../adapters/mqtt/control-message';
import { isTelemetryTopic } from '../../adapters/mqtt/fleet-link';
import type { MqttMessage, MqttPublishOptions } from '../../adapters/mqtt/mqtt-options';
import { readTelemetryMessage } from '../../adapters/mqtt/telemetry-message';
import type { Answer, Control } from '../../core/response/response';
import type { AskedRequest, OperatorRequest } from '../../domain/requests';
import { arrivalOf } from '../../pipeline/arrival';
import type { Arrival } from '../../pipeline/ports';
import type { SpacecraftUnit } from './spacecraft-unit';

export interface Reception {
  /** Acknowledges it. */
  readonly done: () => void;
  readonly isLive: boolean;
  /** Wall clock, milliseconds. */
  readonly receivedAt: number;
  /** Whether one more request is looked at now. */
  readonly mayAsk: () => boolean;
  /** Packet times further ahead of the clock are dropped, milliseconds. */
  readonly maxLeadMs: number;
}

export const readMessage = (
  { topics, packets, running }: SpacecraftUnit,
  message: MqttMessage,
  { done, isLive, receivedAt, mayAsk, maxLeadMs }: Reception,
): Arrival => {
  const basic = arrivalOf({ receivedAt, acknowledge: done });
  const sent = running.packets?.telecommands;
  if (!isTelemetryTopic(topics, message.topic)) return { ...basic, ...readControlMessage(message, topics, mayAsk) };
  const content = readTelemetryMessage(
    message,
    {
      topics,
      parameters: running.parameters,
      maxLeadMs,
      isLive: isLive && !message.isRetained,
      packets: packets && ((payload) => packets.read(payload, { receivedAt, latest: receivedAt + maxLeadMs })),
      telecommands: sent && ((payload) => sent.read(payload, receivedAt)),
    },
    receivedAt,
  );
  return { ...basic, ...content };
};

type Request = Extract<Control, { kind: 'request' }>;

/** Asks for everything to be loaded anew. */
export interface ReloadRequest extends Request {
  readonly asked: AskedRequest & { readonly request: Extract<OperatorRequest, { name: 'reload' }> };
}

export const isReload = (control: Control): control is ReloadRequest =>
  control.kind === 'request' && control.asked.request.name === 'reload';

export interface ReplyMessage {
  readonly topic: string;
  readonly payload: string;
  readonly options: MqttPublishOptions;
}

/** Undefined when nobody waits for it. */
export const replyTo = async (
  { asked, reply }: Answer,
  spacecraft: string,
  log: Pick<FleetLog, 'query'>,
): Promise<ReplyMessage | undefined> => {
  if (asked.topic === '') return undefined;
  const said = 'query' in reply ? await log.query(spacecraft, reply.query) : reply;
  const { data, text } = asked.correlation;
  const body = { schemaVersion: 1, ...said, ...(text !== undefined && { correlation: text }) };
  return {
    topic: asked.topic,
    payload: JSON.stringify(body),
    options: data === undefined ? {} : { correlationData: data },
  };
};
