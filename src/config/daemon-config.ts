/** The daemon's configuration, `fdir.yaml` (CONTRACTS section 5). Paths are relative to the file that names them. */
import { z } from 'zod';
import { severities } from '../domain/monitors';
import { actionStates } from '../domain/rules';
import { credentialName, secretFile, secretSource } from '../domain/secret';
import { positiveDurationMs, sizeBytes } from '../domain/units';
import { actionSchema } from './action-config';
import { mqttSchema } from './broker-config';
import { fleetSchema, storeSchema } from './fleet-config';
import { packetListenersSchema } from './packet-listeners';
import { notifySchema } from './notify-config';

const positiveSize = sizeBytes.refine((bytes) => bytes >= 1, 'must be at least 1B');

const logSchema = z
  .strictObject({
    path: z.string().min(1),
    retention: z.strictObject({ age: positiveDurationMs.optional(), size: positiveSize.optional() }).optional(),
    /** Signs the chain of records; without it the chain shows accidents, and no intent. */
    key: secretSource.optional(),
  })
  .readonly();

/** Whose token, and where it is found. */
const tokenName = z.string().trim().min(1).max(100);
const consoleToken = z.union([
  z.strictObject({ name: tokenName, file: secretFile }),
  z.strictObject({ name: tokenName, credential: credentialName }),
]);

const consoleSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    /** 0: any that is free; the running log says which. */
    port: z.int().min(0).max(65_535).default(8080),
    /** Names this machine is reached by besides `localhost`, `host` and its addresses; requests with another are refused. */
    allowedHosts: z.array(z.string().min(1).max(253)).readonly().default([]),
    /** Who may give orders, and read from beyond this machine: the name is what the log records. */
    tokens: z.array(consoleToken).readonly().default([]),
    /** A folder of recorded passes that can be replayed beside the live one. */
    passes: z.string().min(1).optional(),
  })
  .superRefine(({ host, tokens }, context) => {
    if (tokens.length === 0 && !/^(localhost|127(\.\d+){3}|::1)$/.test(host))
      context.addIssue({
        code: 'custom',
        path: ['tokens'],
        message: `must name a token: ${host} is seen by other machines`,
      });
    const names = tokens.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) < index)
        context.addIssue({ code: 'custom', path: ['tokens', index, 'name'], message: `"${name}" is named twice` });
    });
  })
  .readonly();

/**
 * A simulator or a rehearsal runs weeks ahead of the wall clock; a year ahead is a corrupt time. Single outliers nearer than
 * that are caught by the assembler, which wants a jump confirmed.
 */
const DEFAULT_LEAD = '366d';

/** Where Open MCT's own page is served from, such as `http://openmct.example:8080`, when that is not the console itself. */
const openmctSchema = z
  .strictObject({
    origins: z
      .array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'must be an origin such as http://openmct.example:8080'))
      .max(20)
      .readonly()
      .default([]),
  })
  .readonly();

/** Telemetry that the console shows: a ring of this size beside the log, decimated to several resolutions. */
/** What fewer bytes hold is nothing that a person could look at. */
const historySize = sizeBytes.refine((bytes) => bytes >= 1_000_000, 'must be at least 1MB');
const historySchema = z.strictObject({ size: historySize.prefault('64MB') }).readonly();
/** What is kept when nothing is said: 64 MB, as above. */
const DEFAULT_HISTORY = { size: 64_000_000 };

/** Beside the console and not on it, so that it goes on without one; 9464 is what exporters of OpenTelemetry take. */
const metricsSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(9464),
    /** Of a fleet: series of each spacecraft besides those of the worker. A thousand spacecraft are eight thousand series. */
    perSpacecraft: z.boolean().default(false),
  })
  .readonly();

/** A word of a URL path. */
const pathWord = z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/, 'must be a word of letters, digits, "_", "." and "-"');

const yamcsApiSchema = z
  .strictObject({
    instance: pathWord.default('fdir'),
    processor: pathWord.default('realtime'),
    /** Origins of pages that may call it, such as http://127.0.0.1:9000. */
    origins: z
      .array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'must be an origin such as http://127.0.0.1:9000'))
      .max(20)
      .readonly()
      .default([]),
    /** The name that the log records for orders that come from this machine without a token. Left out: those are refused. */
    actAs: z.string().trim().min(1).max(100).optional(),
  })
  .readonly();

export const daemonConfigSchema = z
  .strictObject({
    schemaVersion: z.literal(1).optional(),
    /** Left out where `fleet` names the missions. */
    mission: z.string().min(1).optional(),
    /** Many spacecraft in one process, or in several; `mission`, `model` and `rules` are then those of its members. */
    fleet: fleetSchema.optional(),
    /** Where a fleet keeps its records; left out: SQLite, one worker. */
    store: storeSchema.optional(),
    /** A package folder; without it only the plain limits run. */
    model: z.string().min(1).optional(),
    /** The model computes in a thread of its own, beside the pipeline; where memory is short it need not. */
    modelThread: z.boolean().default(true),
    /** A package that is scored beside the model and decides nothing, to be compared before a swap. */
    shadow: z.string().min(1).optional(),
    /** Rules files, read as one list; without them nothing is requested. */
    rules: z.array(z.string().min(1)).default([]),
    /** Mission, models and rules are only taken with a signature by one of these public keys. */
    requireSignature: z
      .strictObject({
        trust: z.array(z.string().min(1)).min(1, 'must name a public key').max(10).readonly(),
        /** Older signatures are not taken: what keeps a version out that was good once. */
        notBefore: z.iso.datetime('must be a time such as 2026-11-01T00:00:00Z').optional(),
      })
      .readonly()
      .optional(),
    mode: z.enum(actionStates).default('passive'),
    /** How requests leave; left out: as JSON. */
    action: actionSchema.optional(),
    mqtt: mqttSchema.prefault({ url: 'mqtt://127.0.0.1:1883' }),
    /** Where packets are taken besides the broker. */
    packets: packetListenersSchema.optional(),
    /** Without it the log lies beside this file. */
    log: logSchema.prefault({ path: 'explanations.db' }),
    /** Alarms at least this grave stay until a person clears them, also when all is normal again; `never`: none does. */
    latchAlarms: z.enum([...severities, 'never']).default('high'),
    console: z.union([z.literal(false), consoleSchema]).prefault({}),
    /** Telemetry of the last hours and days, for people at the console; without a console nothing is kept. */
    history: z.union([z.literal(false), historySchema]).optional(),
    /** Serves the plugin for Open MCT at `/openmct/fdir.js` of the console. */
    openmct: z.union([z.boolean(), openmctSchema]).default(false),
    /** `GET /metrics` for Prometheus; left out: none. */
    metrics: z.union([z.literal(false), metricsSchema]).optional(),
    /** Who is told of alarms besides the broker; left out: nobody. */
    notify: notifySchema.optional(),
    /** The calls of Yamcs for alarms, on the console's address; left out: none. */
    yamcsApi: yamcsApiSchema.optional(),
    falseAlarmsPerDay: z.number().positive().max(86_400).optional(),
    /** Packet times further ahead of the clock are dropped as `future`. */
    maxLead: positiveDurationMs.prefault(DEFAULT_LEAD),
  })
  .refine(({ model, shadow }) => shadow === undefined || model !== undefined, {
    path: ['shadow'],
    message: 'is compared with a model: name one',
  })
  .superRefine((config, context) => {
    const { mission, model, shadow, rules, fleet, store, packets, action, notify, yamcsApi, openmct } = config;
    const report = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: key.split('.'), message });
    };
    if (yamcsApi !== undefined && config.console === false)
      report('yamcsApi', 'is served by the console: do not set console: false');
    if (fleet === undefined) {
      if (mission === undefined) report('mission', 'is missing: name a mission file, or a fleet of several spacecraft');
      if (store !== undefined) report('store', 'is for a fleet: one spacecraft keeps its log in SQLite');
      if (config.metrics !== undefined && config.metrics !== false && config.metrics.perSpacecraft)
        report('metrics.perSpacecraft', 'is for a fleet: every series of one spacecraft names it already');
      return;
    }
    for (const [key, given] of Object.entries({ mission, model, shadow, rules: rules.length > 0 ? rules : undefined }))
      if (given !== undefined) report(key, 'is left out with a fleet: its members name their own');
    const ofOne = {
      ...{ notify, yamcsApi, action: action?.format === 'pus' ? action : undefined },
      openmct: openmct === false ? undefined : openmct,
      history: config.history === false ? undefined : config.history,
      'console.passes': config.console === false ? undefined : config.console.passes,
    };
    for (const [key, given] of Object.entries(ofOne))
      if (given !== undefined) report(key, 'is for one spacecraft: a fleet has none of it yet');
    if (store !== undefined && config.log.retention?.size !== undefined)
      report('log', 'has retention.size, which is for SQLite: with store give retention.age');
    if (packets !== undefined)
      report('packets', 'is for one spacecraft: packets of a fleet come on the topic "packet" of each');
  })
  .readonly();

export type DaemonConfig = z.infer<typeof daemonConfigSchema>;

/** Bytes of the ring of telemetry; undefined: none is kept. */
export const historySizeOf = ({ history = DEFAULT_HISTORY }: Pick<DaemonConfig, 'history'>): number | undefined =>
  history === false ? undefined : history.size;
