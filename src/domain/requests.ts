/**
 * What people can ask of a running daemon on topic `request/{name}`. The answer comes on `response/{name}` with the same
 * correlation data (MQTT 5 request/response; for 3.1.1 the key `correlation` of the payload does the same).
 */
import { z } from 'zod';
import { operatorVerdicts } from './log-query';
import { noteSubjects } from './note';
import { actionStates, equipmentHealths, ruleStates } from './rules';
import { durationMs } from './units';

/** Who asks: told to everybody who reads the log later. */
const by = z.string().trim().min(1).max(100);
const comment = z.string().trim().max(1000).default('');
const id = z.string().min(1).max(300);
const noteText = z.string().trim().min(1, 'is empty').max(4000);

export const requestSchemas = {
  'action-list': z.object({ all: z.boolean().default(false) }),
  'action-show': z.object({ id }),
  'action-approve': z.object({ by, comment, id }),
  'action-reject': z.object({ by, comment, id }),
  /** Without `rule`: of the whole function. */
  'action-state': z.object({ by, comment, rule: id.optional(), state: z.enum(ruleStates) }),
  'rule-rearm': z.object({ by, comment, rule: id, equipment: id.optional() }),
  'equipment-health': z.object({ by, comment, equipment: id, health: z.enum(equipmentHealths) }),
  'alarm-list': z.object({ all: z.boolean().default(false) }),
  'alarm-ack': z.object({ by, comment, name: id }),
  'alarm-shelve': z.object({ by, comment, name: id, for: durationMs }),
  'alarm-unshelve': z.object({ by, comment, name: id }),
  'alarm-clear': z.object({ by, comment, name: id }),
  /** What an anomaly turned out to be. */
  verdict: z.object({ by, comment, id, verdict: z.enum(operatorVerdicts) }),
  /** A note on an anomaly, an alarm or the shift. */
  'note-add': z
    .object({ by, about: z.enum(noteSubjects), target: z.string().max(300).default(''), text: noteText })
    .refine(({ about, target }) => (about === 'shift') === (target === ''), {
      path: ['target'],
      message: 'names the anomaly or the alarm; a note on the shift has none',
    }),
  'note-list': z.object({
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
    about: z.enum(noteSubjects).optional(),
    target: id.optional(),
    limit: z.int().min(1).max(1000).default(100),
  }),
  /** Passes the shift on; the next one confirms it by its number. */
  'shift-hand-over': z.object({ by, text: noteText }),
  'shift-confirm': z.object({ by, comment, number: z.int().min(1) }),
  reload: z.object({ by, comment }),
} as const;

export type RequestName = keyof typeof requestSchemas;
export const requestNames = Object.keys(requestSchemas) as readonly RequestName[];
export const isRequestName = (name: string): name is RequestName => Object.hasOwn(requestSchemas, name);

export type OperatorRequest = {
  readonly [Name in RequestName]: { readonly name: Name } & { readonly asked: z.infer<(typeof requestSchemas)[Name]> };
}[RequestName];

/** A state of the whole function; `off` is for rules. */
export const isFunctionState = (state: string): state is (typeof actionStates)[number] =>
  actionStates.some((item) => item === state);

/** How a request is answered. */
export interface Reply {
  readonly ok: boolean;
  readonly message: string;
  /** What was asked for, when it was a question. */
  readonly data?: unknown;
}

/** The same as it arrives; `correlation` for those that speak MQTT 3.1.1. */
export const replySchema = z.object({
  ok: z.boolean(),
  message: z.string(),
  data: z.unknown().optional(),
  correlation: z.string().optional().catch(undefined),
});

/** A request that arrived, read, and where its answer goes. */
export interface AskedRequest {
  readonly topic: string;
  readonly correlation: { readonly data?: Uint8Array; readonly text?: string };
  readonly request: OperatorRequest | { readonly name: 'unreadable'; readonly message: string };
}
