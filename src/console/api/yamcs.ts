/**
 * The part of Yamcs' HTTP API that openmct-yamcs calls for alarms, with its field names: documents as Yamcs 5 sends them. Only fields
 * that have a meaning here are filled.
 */
import { z } from 'zod';
import { xtceSeverities } from '../../core/alarms/severity-status';

const time = z.iso.datetime();

const namedObjectId = z.object({
  /** Begins with a slash: `/AURORA-1/check`. */
  namespace: z.string(),
  name: z.string(),
});

const parameterValueSchema = z.object({
  id: namedObjectId,
  engValue: z.object({ type: z.literal('FLOAT'), floatValue: z.number() }),
  generationTime: time,
  acquisitionStatus: z.literal('ACQUIRED'),
  monitoringResult: z.enum(['IN_LIMITS', ...xtceSeverities]),
  rangeCondition: z.enum(['LOW', 'HIGH']).optional(),
});
export type YamcsValue = z.infer<typeof parameterValueSchema>;

export const yamcsAlarmSchema = z.object({
  type: z.literal('PARAMETER'),
  id: namedObjectId,
  seqNum: z.int(),
  severity: z.enum(xtceSeverities),
  /** What last happened to it. */
  notificationType: z.enum(['ACTIVE', 'TRIGGERED', 'ACKNOWLEDGED', 'CLEARED', 'RTN', 'SHELVED', 'UNSHELVED']),
  triggerTime: time,
  updateTime: time,
  violations: z.int(),
  count: z.int(),
  acknowledged: z.boolean(),
  acknowledgeInfo: z
    .object({ acknowledgedBy: z.string(), acknowledgeMessage: z.string(), acknowledgeTime: time })
    .optional(),
  shelveInfo: z
    .object({ shelvedBy: z.string(), shelveMessage: z.string(), shelveTime: time, shelveExpiration: time.optional() })
    .optional(),
  clearInfo: z.object({ clearedBy: z.string(), clearTime: time, clearMessage: z.string() }).optional(),
  latching: z.boolean(),
  processOK: z.boolean(),
  triggered: z.boolean(),
  pending: z.boolean(),
  parameterDetail: z.object({
    parameter: z.object({ name: z.string(), qualifiedName: z.string(), shortDescription: z.string() }),
    triggerValue: parameterValueSchema,
    mostSevereValue: parameterValueSchema,
    currentValue: parameterValueSchema,
  }),
});
export type YamcsAlarm = z.infer<typeof yamcsAlarmSchema>;

export const yamcsAlarmListSchema = z.object({ alarms: z.array(yamcsAlarmSchema) });

export const yamcsOrderBody = z
  .looseObject({
    comment: z.string().trim().max(1000).default(''),
    /** Milliseconds; null or left out: as long as an alarm can be shelved. */
    shelveDuration: z.union([z.number().positive(), z.string().regex(/^\d+$/).transform(Number)]).nullish(),
  })
  .nullish();

export const globalAlarmStatusSchema = z.object({
  unacknowledgedCount: z.int(),
  unacknowledgedActive: z.boolean(),
  acknowledgedCount: z.int(),
  acknowledgedActive: z.boolean(),
  shelvedCount: z.int(),
  shelvedActive: z.boolean(),
});
export type GlobalAlarmStatus = z.infer<typeof globalAlarmStatusSchema>;

/** What a client says over the WebSocket. */
export const yamcsClientMessage = z.looseObject({
  type: z.string().max(100),
  id: z.union([z.string().max(100), z.number()]).optional(),
  call: z.int().optional(),
  options: z
    .looseObject({ instance: z.string().max(100), processor: z.string().max(100), call: z.int() })
    .partial()
    .nullish(),
});
