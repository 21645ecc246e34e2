/** Every document that people write or programs read, by name, as JSON Schema: for editors, and for whoever builds on it. */
import { z } from 'zod';
import { alarmSchema, alarmStepSchema } from '../domain/alarm';
import {
  checkEventSchema,
  monitorEventSchema,
  mutedEventSchema,
  recoveryRequestSchema,
  summarySchema,
} from '../domain/events';
import { explanationSchema } from '../domain/explanation';
import { fleetHealthSchema } from '../domain/fleet-health';
import { healthSchema } from '../domain/health';
import { logHeadSchema } from '../domain/log-query';
import { manifestSchema } from '../domain/manifest';
import { missionSchema } from '../domain/mission';
import { acknowledgementSchema } from '../domain/recovery';
import { ruleTestFileSchema } from '../domain/rule-test';
import { rulesFileSchema } from '../domain/rules';
import { daemonConfigSchema } from './daemon-config';

const DOCUMENTS = {
  /** Files. */
  config: daemonConfigSchema,
  mission: missionSchema,
  rules: rulesFileSchema,
  'rule-tests': ruleTestFileSchema,
  model: manifestSchema,
  /** Messages and lines. */
  anomaly: explanationSchema,
  check: checkEventSchema,
  monitor: monitorEventSchema,
  muted: mutedEventSchema,
  action: recoveryRequestSchema,
  acknowledgement: acknowledgementSchema,
  alarm: alarmSchema,
  'alarm-step': alarmStepSchema,
  summary: summarySchema,
  health: healthSchema,
  'fleet-health': fleetHealthSchema,
  'log-head': logHeadSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type DocumentName = keyof typeof DOCUMENTS;
export const documentNames = Object.keys(DOCUMENTS) as readonly DocumentName[];

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Draft 2020-12, of what is written by hand or sent: defaults may be left out. */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  // What a refinement checks beyond the shape no JSON Schema can say.
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

export const documentSchema = (name: DocumentName): JsonSchema => ({
  title: `peephole-fdir: ${name}`,
  ...jsonSchemaOf(DOCUMENTS[name]),
});
