/** The `health` message: counters and ages, so that a person sees at a glance whether the daemon sees. */
import { notYetJudged } from './not-yet-judged';
import type { Manifest } from '../domain/manifest';
import type { Tally } from './tally';
import type { Identity } from './peers';
import { healthSchema, type Health } from '../domain/health';
import { isoTime } from '../domain/units';

export interface HealthInput {
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly startedAt: number;
  readonly state: Health['state'];
  readonly mode: string;
  /** Parts that do not work. */
  readonly impaired: readonly string[];
  /** Why the state is not `online`, in words. */
  readonly reasons: readonly string[];
  readonly tally: Tally;
  readonly lastMessageAt: number | undefined;
  /** Packet time of the newest frame, milliseconds. */
  readonly lastPacketTime: number | undefined;
  readonly model: Pick<Manifest, 'id' | 'adapted'> | undefined;
  /** MQTT protocol version that is spoken. */
  readonly protocol: string;
  /** Who says it; left out of a fleet. */
  readonly daemon?: Pick<Identity, 'instance' | 'since'>;
}

const ageSeconds = (now: number, then: number | undefined): number | null =>
  then === undefined ? null : Math.round((now - then) / 100) / 10;

export const healthOf = (input: HealthInput): Health => {
  const {
    now,
    startedAt,
    state,
    mode,
    impaired,
    reasons,
    tally,
    lastMessageAt,
    lastPacketTime,
    model,
    protocol,
    daemon,
  } = input;
  const judgement = notYetJudged(model, lastPacketTime);
  return {
    schemaVersion: 1,
    time: isoTime(now),
    state,
    mode,
    impaired: [...impaired],
    reasons: [...reasons],
    uptimeSeconds: ageSeconds(now, startedAt),
    model: model?.id ?? null,
    mqttVersion: protocol,
    ...tally,
    dropped: { ...tally.dropped },
    ...(judgement && { judgement }),
    ...(daemon && { daemon: { instance: daemon.instance, since: isoTime(daemon.since) } }),
    /** Since the last message of any kind. */
    lastMessageAgeSeconds: ageSeconds(now, lastMessageAt),
    /** How old the newest frame is by its own time. */
    packetAgeSeconds: ageSeconds(now, lastPacketTime),
    packetTime: lastPacketTime === undefined ? null : isoTime(lastPacketTime),
  };
};

/** What a retained message says; undefined when it is no health message, or one of another version. */
export const readHealth = (text: string): Health | undefined => {
  try {
    return healthSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
