/** Hears what other daemons of the spacecraft say on `state`. A connection of its own: a broker that forbids it does not keep telemetry away. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { identityIn, type Claim } from '../../core/peers';
import { daemonStates } from '../../domain/health';
import type { BrokerAccess } from './broker-access';
import { HealthClaims } from './health-claims';
import { MqttConnection } from './mqtt-connection';

export interface PeerWatchOptions {
  readonly url: string;
  readonly access: BrokerAccess;
  readonly renewAccess: () => BrokerAccess;
  readonly clientId: string;
  readonly topics: { readonly state: string; readonly health: string };
  /** @param isLive it was said just now, and not kept by the broker. */
  readonly onClaim: (claim: Claim, isLive: boolean) => void;
}

/** Eight digits tell the logs of one machine apart. */
const PATH_DIGITS = 8;

/** Which daemon this is: its machine and its log. */
export const instanceOf = (logPath: string): string =>
  `${hostname()}-${createHash('sha256').update(resolve(logPath)).digest('hex').slice(0, PATH_DIGITS)}`;

export class PeerWatch {
  private readonly connection: MqttConnection;
  /** Of a broker of MQTT 3.1.1. */
  private readonly byHealth: HealthClaims;

  constructor({ url, access, renewAccess, clientId, topics, onClaim }: PeerWatchOptions) {
    this.byHealth = new HealthClaims(onClaim);
    this.connection = new MqttConnection({
      ...{ url, access, renewAccess, session: 'clean', subscriptions: [topics.state, topics.health] },
      clientId: `${clientId}-peers`,
      onMessage: ({ topic, payload, isRetained, userProperties = {} }, done) => {
        done();
        const text = Buffer.from(payload).toString();
        if (topic === topics.health) {
          if (this.connection.protocol !== '5') this.byHealth.take(text, !isRetained);
          return;
        }
        const state = daemonStates.find((item) => item === text);
        const identity = identityIn(userProperties);
        if (state !== undefined && identity !== undefined) onClaim({ ...identity, state }, !isRetained);
      },
    });
  }

  start(): void {
    this.connection.start();
  }

  stop(): Promise<void> {
    this.byHealth.stop();
    return this.connection.stop();
  }
}
