/** Publishes for the link: shortens what is too large for the broker, and tells what the broker refused. */
import { shortenRecord } from '../../core/shorten-record';
import { describeError } from '../../domain/errors';
import { RefusedPublication } from './broker-offer';
import type { MqttConnection } from './mqtt-connection';
import type { MqttLinkOptions } from './mqtt-link-options';
import type { MqttPublishOptions } from './mqtt-options';
import { nameRequest } from './once-store';
import { RefusedTopics } from './refused-topics';

type PublisherCallbacks = Pick<MqttLinkOptions, 'onRefused' | 'onTaken' | 'onShortened' | 'onTrouble'>;

export class LinkPublisher {
  private readonly refused = new RefusedTopics();
  /** Of a broker that names no limit and refused a record: fewer bytes than that one had. */
  private learntBytes = Infinity;

  constructor(
    private readonly connection: MqttConnection,
    private readonly told: PublisherCallbacks,
  ) {}

  json(topic: string, payload: unknown, options: MqttPublishOptions = {}): void {
    this.text(topic, JSON.stringify(payload), options);
  }

  text(topic: string, payload: string, options: MqttPublishOptions = {}): void {
    this.publish(topic, payload, options).catch((error: unknown) => {
      this.failed(topic, error);
    });
  }

  /** A record that is larger than the broker takes is shortened. @throws RefusedPublication when the broker does not take it. */
  async publish(topic: string, payload: string, options: MqttPublishOptions = {}): Promise<void> {
    const { maxPayloadBytes } = this.connection.limits;
    const offered = maxPayloadBytes - Buffer.byteLength(topic) - (options.correlationData?.length ?? 0);
    const fitting = shortenRecord(payload, Math.min(offered, this.learntBytes));
    try {
      await this.connection.publish(topic, fitting?.payload ?? payload, options);
    } catch (error) {
      if (!this.learn(error, payload, fitting?.payload)) throw error;
      await this.publish(topic, payload, options);
      return;
    }
    this.taken(topic);
    if (fitting !== undefined && fitting.leftOut.length > 0)
      this.told.onShortened?.(topic, Buffer.byteLength(payload), fitting.leftOut);
  }

  /** @returns whether the broker refused what was sent for its size, and less of the record can be sent. */
  private learn(error: unknown, payload: string, sent: string | undefined): boolean {
    if (sent === undefined || !(error instanceof RefusedPublication) || !error.isTooLarge) return false;
    const fewer = Math.min(this.learntBytes, Buffer.byteLength(sent) - 1);
    if (shortenRecord(payload, fewer) === undefined) return false;
    this.learntBytes = fewer;
    return true;
  }

  /** A telecommand packet, exactly once. @param id of its request, which whoever hands it on reads beside it. */
  async packet(topic: string, payload: Uint8Array, id: string, expirySeconds: number): Promise<void> {
    const bytes = Buffer.from(payload);
    nameRequest(bytes, id);
    await this.connection.publish(topic, bytes, {
      expirySeconds,
      once: true,
      contentType: 'application/octet-stream',
      correlationData: Buffer.from(id),
    });
    this.taken(topic);
  }

  private taken(topic: string): void {
    if (this.refused.take(topic)) this.told.onTaken?.();
  }

  /** Tells why a message was not published. @returns whether the broker refused it, so that it is never sent again. */
  failed(topic: string, error: unknown): error is RefusedPublication {
    const isRefused = error instanceof RefusedPublication;
    if (isRefused) this.told.onRefused?.(topic, error.message, this.refused.refuse(topic));
    else this.told.onTrouble(`cannot publish on ${topic}: ${describeError(error)}`);
    return isRefused;
  }
}
