/** An MQTT client that remembers everything it hears, and can speak. */
import { connectAsync, type MqttClient } from 'mqtt';

export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly bytes: Buffer;
  readonly retain: boolean;
}

export interface Listener {
  readonly heard: readonly Heard[];
  /** Payloads of one topic, in order. */
  on(topic: string): string[];
  publish(topic: string, payload: string | Buffer): Promise<void>;
  close(): Promise<void>;
}

export const listen = async (url: string): Promise<Listener> => {
  const client: MqttClient = await connectAsync(url, { protocolVersion: 5 });
  const heard: Heard[] = [];
  client.on('message', (topic, payload, { retain }) =>
    heard.push({ topic, payload: payload.toString(), bytes: payload, retain }),
  );
  await client.subscribeAsync('#', { qos: 1 });
  return {
    heard,
    on: (topic) => heard.filter((message) => message.topic === topic).map(({ payload }) => payload),
    publish: async (topic, payload) => {
      await client.publishAsync(topic, payload, { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
};
