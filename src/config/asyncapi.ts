/** The topics of the daemon as an AsyncAPI 3 document (CONTRACTS section 8), made from the code that speaks on them. */
import { z } from 'zod';
import { topicsOf, type Topics } from '../core/topics';
import { argumentValue } from '../domain/commands';
import { daemonStates } from '../domain/health';
import { requestNames, requestSchemas } from '../domain/requests';
import { actionStates } from '../domain/rules';
import { VERSION } from '../domain/version';
import { fleetChannels } from './asyncapi-fleet';
import { documentSchema, jsonSchemaOf, type DocumentName, type JsonSchema } from './documents';

interface ChannelDescription {
  readonly channel: string;
  readonly topic: keyof Topics;
  /** What the daemon does with it. */
  readonly action: 'send' | 'receive';
  readonly what: string;
  readonly payload: JsonSchema;
  /** MQTT user properties. */
  readonly headers?: JsonSchema;
  /** Left out: JSON. */
  readonly contentType?: string;
  readonly qos: 1 | 2;
  readonly retain?: boolean;
}

const time = z.union([z.iso.datetime(), z.number()]);
const frame = z.object({ time, values: z.record(z.string(), z.number().nullable()) });
const sample = z.union([z.number(), z.object({ time: time.optional(), value: z.number().nullable() })]);
const telecommand = z.object({ time, name: z.string(), arguments: z.record(z.string(), argumentValue).optional() });
/** User properties of `state`, MQTT 5 only: `propertiesOfIdentity` writes them. A property is text. */
const identityProperties = z.object({
  instance: z.string().describe('which daemon: its machine and its log'),
  mode: z.enum(actionStates),
  since: z.string().regex(/^\d+$/).describe('when it started, Unix milliseconds'),
});
const reply = z.object({
  schemaVersion: z.literal(1),
  ok: z.boolean(),
  message: z.string(),
  data: z.unknown().optional(),
  correlation: z.string().optional(),
});

const document = (name: DocumentName): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const own = (schema: z.ZodType): JsonSchema => jsonSchemaOf(schema);

const SPOKEN: readonly ChannelDescription[] = [
  {
    channel: 'telemetry',
    topic: 'telemetry',
    action: 'receive',
    what: 'a frame, or an array of frames',
    payload: own(z.union([frame, z.array(frame)])),
    qos: 1,
  },
  {
    channel: 'telemetryOfParameter',
    topic: 'telemetryOfParameters',
    action: 'receive',
    what: 'one sample of one parameter',
    payload: own(sample),
    qos: 1,
  },
  {
    channel: 'mode',
    topic: 'mode',
    action: 'receive',
    what: "the spacecraft's operating mode",
    payload: own(z.object({ time, mode: z.string() })),
    qos: 1,
    retain: true,
  },
  {
    channel: 'command',
    topic: 'command',
    action: 'receive',
    what: 'a telecommand that was sent, an array of them, or telecommand packets',
    payload: own(z.union([telecommand, z.array(telecommand)])),
    qos: 1,
  },
  {
    channel: 'senml',
    topic: 'senml',
    action: 'receive',
    what: 'a SenML pack (RFC 8428), JSON or CBOR: the content type says which',
    payload: own(
      z.array(z.looseObject({ bn: z.string().optional(), n: z.string().optional(), v: z.number().optional() })),
    ),
    contentType: 'application/senml+json',
    qos: 1,
  },
  {
    channel: 'packet',
    topic: 'packet',
    action: 'receive',
    what: 'one or more whole CCSDS space packets',
    payload: { type: 'string', format: 'binary' },
    contentType: 'application/octet-stream',
    qos: 1,
  },
  {
    channel: 'acknowledgement',
    topic: 'acknowledgements',
    action: 'receive',
    what: 'how far a request is, by its id',
    payload: document('acknowledgement'),
    qos: 1,
  },
  {
    channel: 'anomaly',
    topic: 'anomaly',
    action: 'send',
    what: 'the explanation record, every revision',
    payload: document('anomaly'),
    qos: 1,
  },
  {
    channel: 'check',
    topic: 'check',
    action: 'send',
    what: 'a transition of a limit or a monitor',
    payload: document('check'),
    qos: 1,
  },
  {
    channel: 'monitor',
    topic: 'monitor',
    action: 'send',
    what: 'a transition of a functional monitor',
    payload: document('monitor'),
    qos: 1,
  },
  {
    channel: 'muted',
    topic: 'muted',
    action: 'send',
    what: 'what was held back because its cause is known',
    payload: document('muted'),
    qos: 1,
  },
  {
    channel: 'action',
    topic: 'action',
    action: 'send',
    what: 'a recovery request for the spacecraft, or with action.format pus its telecommand packet',
    payload: document('action'),
    qos: 2,
  },
  {
    channel: 'advice',
    topic: 'advice',
    action: 'send',
    what: 'a recovery that is recorded, or waits for a person',
    payload: document('action'),
    qos: 1,
  },
  {
    channel: 'alarm',
    topic: 'alarm',
    action: 'send',
    what: 'a step of an alarm',
    payload: document('alarm-step'),
    qos: 1,
  },
  {
    channel: 'state',
    topic: 'state',
    action: 'send',
    what: 'the daemon in one word; also its last will',
    payload: own(z.enum(daemonStates)),
    headers: own(identityProperties),
    qos: 1,
    retain: true,
  },
  {
    channel: 'health',
    topic: 'health',
    action: 'send',
    what: 'counters and ages, every ten seconds',
    payload: document('health'),
    qos: 1,
    retain: true,
  },
  {
    channel: 'logHead',
    topic: 'logHead',
    action: 'send',
    what: "the end of the log's chain",
    payload: document('log-head'),
    qos: 1,
    retain: true,
  },
];

/** MQTT's single-level wildcard as a parameter with a name. */
const named = (address: string, name: string): string => address.replace('+', `{${name}}`);
const PARAMETERS: Readonly<Partial<Record<keyof Topics, string>>> = {
  telemetryOfParameters: 'parameter',
  acknowledgements: 'id',
};
const SPACECRAFT = { description: 'the spacecraft, as the mission file or the fleet names it' };

export const asyncApi = (): JsonSchema => {
  const topics = topicsOf('fdir', '{sc}');
  const channels: Record<string, JsonSchema> = {};
  const operations: Record<string, JsonSchema> = {};
  const speak = ({
    channel,
    address,
    parameter,
    what,
    payload,
    headers,
    contentType = 'application/json',
  }: {
    readonly channel: string;
    readonly address: string;
    readonly parameter?: string | undefined;
    readonly what: string;
    readonly payload: JsonSchema;
    readonly headers?: JsonSchema | undefined;
    readonly contentType?: string | undefined;
  }): void => {
    channels[channel] = {
      address,
      parameters: {
        sc: SPACECRAFT,
        ...(parameter !== undefined && { [parameter]: { description: `the ${parameter}` } }),
      },
      messages: { [channel]: { summary: what, contentType, ...(headers && { headers }), payload } },
    };
  };
  for (const { channel, topic, action, what, payload, headers, contentType, qos, retain = false } of SPOKEN) {
    const parameter = PARAMETERS[topic];
    speak({
      channel,
      address: parameter === undefined ? topics[topic] : named(topics[topic], parameter),
      parameter,
      what,
      payload,
      headers,
      contentType,
    });
    operations[channel] = { action, channel: { $ref: `#/channels/${channel}` }, bindings: { mqtt: { qos, retain } } };
  }
  for (const name of requestNames) {
    const [asked, answered] = [`request-${name}`, `response-${name}`];
    speak({
      channel: asked,
      address: topics.requests.replace('+', name),
      what: `what a person asks: ${name}`,
      payload: own(requestSchemas[name]),
    });
    speak({
      channel: answered,
      address: `${topics.responses}/${name}`,
      what: 'the answer, with the correlation data of the request',
      payload: own(reply),
    });
    operations[asked] = {
      action: 'receive',
      channel: { $ref: `#/channels/${asked}` },
      reply: { channel: { $ref: `#/channels/${answered}` } },
      bindings: { mqtt: { qos: 1, retain: false } },
    };
  }
  const documents: readonly DocumentName[] = [
    'anomaly',
    'check',
    'monitor',
    'muted',
    'action',
    'acknowledgement',
    'alarm-step',
    'health',
    'fleet-health',
    'log-head',
  ];
  const fleet = fleetChannels();
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'peephole-fdir',
      version: VERSION,
      description:
        'What the daemon hears and says. The first level, fdir, is configured by mqtt.baseTopic. MQTT 5 first, 3.1.1 accepted.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: { ...channels, ...fleet.channels },
    operations: { ...operations, ...fleet.operations },
    components: { schemas: Object.fromEntries(documents.map((name) => [name, documentSchema(name)])) },
  };
};
