/** The `mqtt` section of `fdir.yaml`: which broker, as whom, and how the two prove who they are. */
import { z } from 'zod';
import { secretSource } from '../domain/secret';
import { positiveDurationMs } from '../domain/units';

/** Schemes that are encrypted. */
const SECURE = /^(mqtts|tls|wss):/;
/** A broker on this machine: nobody listens between. */
const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether a URL carries a user name or a password. */
export const hasCredentials = (url: string): boolean => /^[a-z]+:\/\/[^/]*@/.test(url);

/** What to do instead, for the configuration and the command line alike. */
export const NO_CREDENTIALS_IN_URL =
  'must not carry a user name or a password, which process lists and logs would show: set mqtt.username, and mqtt.password to { file: PATH } or { credential: NAME }';

const hostOf = (url: string): string => /^[a-z]+:\/\/(\[[^\]]*\]|[^:/]*)/.exec(url)?.[1] ?? '';

const isPort = (text: string | undefined): boolean =>
  text === undefined || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535);

/** Brokers that speak over TCP, TLS or WebSocket. */
const brokerUrl = z
  .string()
  .regex(/^(mqtts?|tcp|tls|wss?):\/\/[^/]+/, 'must be a URL such as mqtt://127.0.0.1:1883')
  .refine((url) => !hasCredentials(url), NO_CREDENTIALS_IN_URL)
  .refine(
    (url) => isPort(/^[a-z]+:\/\/(?:\[[^\]]*\]|[^:/]*):([^/]*)/.exec(url)?.[1]),
    'must have a port from 1 to 65535',
  );

/** The keep alive of CONNECT has two bytes, in seconds (MQTT 5, section 3.1.2.10). */
const MAX_KEEPALIVE_MS = 65_535_000;

const topicLevels = z
  .string()
  .regex(/^[^+#\s/]+(\/[^+#\s/]+)*$/, 'must be a topic such as fdir or ground/fdir, without "+" and "#"');

const path = z.string().min(1);

const tlsSchema = z
  .strictObject({
    /** Certificates of the authorities that may vouch for the broker (PEM). Left out: those that Node trusts. */
    ca: path.optional(),
    /** Our own certificate (PEM), for a broker that wants one, and its key. */
    cert: path.optional(),
    key: secretSource.optional(),
    /** The name that the broker's certificate must carry, where it is reached by another. */
    serverName: z.string().min(1).max(253).optional(),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key belong together: give both')
  .readonly();

/** Text that a password needs: a literal one is refused with what to do. */
const passwordSource = z.union([
  secretSource,
  z
    .string()
    .refine(
      () => false,
      'is not written here: put it into a file and name that, { file: PATH } or { credential: NAME }',
    ),
]);

export const mqttSchema = z
  .strictObject({
    url: brokerUrl,
    /** The daemon's alone: a broker drops the older of two equal ones. Default: `fdir-` and the spacecraft. */
    clientId: z.string().min(1).max(128).optional(),
    baseTopic: topicLevels.default('fdir'),
    /**
     * How often the broker is asked whether it is there. A connection that is dead on one side is noticed in one and a half of
     * it.
     */
    keepalive: positiveDurationMs
      .refine((ms) => ms >= 1000 && ms <= MAX_KEEPALIVE_MS, 'must be from 1s to 65535s, which is what MQTT can say')
      .optional(),
    /** What becomes of telemetry that comes faster than it is judged: all of it is judged, late; or the oldest is let go and counted. */
    overload: z.enum(['in-order', 'freshest-first']).optional(),
    tls: tlsSchema.optional(),
    username: z.string().min(1).max(256).optional(),
    password: passwordSource.optional(),
  })
  .superRefine(({ url, tls, username, password }, context) => {
    const report = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (tls !== undefined && !SECURE.test(url)) report('tls', `means nothing for ${url}: use mqtts:// and its port`);
    if (password !== undefined && username === undefined) report('password', 'belongs to a username: give one');
    if (password !== undefined && !SECURE.test(url) && !LOCAL.test(hostOf(url)))
      report('password', `would travel in the clear to ${hostOf(url)}: use mqtts://`);
  })
  .readonly();

export type MqttConfig = z.infer<typeof mqttSchema>;
