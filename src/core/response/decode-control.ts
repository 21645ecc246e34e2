/** What reaches the daemon beside telemetry: acknowledgements of requests, and what people ask. Parsed once, at the edge. */
import { acknowledgementSchema } from '../../domain/recovery';
import {
  isRequestName,
  replySchema,
  requestNames,
  requestSchemas,
  type AskedRequest,
  type OperatorRequest,
  type Reply,
} from '../../domain/requests';
import { excerpt, type Drop } from '../telemetry/drop';
import type { Control } from './response';

/** An order has a comment at most. */
export const MAX_CONTROL_BYTES = 64 * 1024;

const parseJson = (payload: Uint8Array): { readonly value: unknown } | { readonly reason: string } => {
  if (payload.byteLength > MAX_CONTROL_BYTES) return { reason: `has ${String(payload.byteLength)} bytes` };
  const text = new TextDecoder().decode(payload);
  try {
    // An empty payload asks for nothing in particular.
    return { value: text.trim() === '' ? {} : (JSON.parse(text) as unknown) };
  } catch {
    return { reason: `is not JSON: ${excerpt(text)}` };
  }
};

const issuesOf = (error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] }): string =>
  error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ');

/** @param id level of the topic `action/{id}/ack`. */
export const decodeAcknowledgement = (id: string, payload: Uint8Array): Control | Drop => {
  const parsed = parseJson(payload);
  const read = 'value' in parsed ? acknowledgementSchema.safeParse(parsed.value) : undefined;
  if (read?.success !== true) {
    const why = 'reason' in parsed ? parsed.reason : read?.error === undefined ? '' : issuesOf(read.error);
    return { reason: 'malformed', message: `acknowledgement of ${excerpt(id)} ${why}` };
  }
  const { stage, reason } = read.data;
  return { kind: 'acknowledge', id, stage, reason: reason ?? `the spacecraft says ${stage}` };
};

const readRequest = (name: string, value: unknown): AskedRequest['request'] => {
  if (!isRequestName(name))
    return { name: 'unreadable', message: `nobody can ask "${excerpt(name)}" (there are ${requestNames.join(', ')})` };
  const result = requestSchemas[name].safeParse(value);
  if (!result.success) return { name: 'unreadable', message: issuesOf(result.error) };
  // The schema was chosen by the name: the pair is one of the union.
  return { name, asked: result.data } as OperatorRequest;
};

/** Where the answer to a request goes, and what it is recognised by. */
export interface ReturnAddress {
  readonly topic: string;
  readonly data?: Uint8Array | undefined;
}

/** @param name level of the topic `request/{name}`. */
export const decodeRequest = (name: string, payload: Uint8Array, { topic, data }: ReturnAddress): Control => {
  const parsed = parseJson(payload);
  const value = 'value' in parsed ? parsed.value : undefined;
  const correlation =
    typeof value === 'object' && value !== null && 'correlation' in value && typeof value.correlation === 'string'
      ? { text: value.correlation.slice(0, 200) }
      : {};
  const request: AskedRequest['request'] =
    'reason' in parsed
      ? { name: 'unreadable', message: `the request ${parsed.reason}` }
      : readRequest(name, parsed.value);
  return {
    kind: 'request',
    asked: { topic, correlation: { ...correlation, ...(data !== undefined && { data }) }, request },
  };
};

/** The same request, to be answered with a refusal: nothing is looked up or recorded for it. */
const refusedWith =
  (message: string) =>
  (control: Control): Control =>
    control.kind === 'request'
      ? { ...control, asked: { ...control.asked, request: { name: 'unreadable', message } } }
      : control;

export const askedTooOften = refusedWith('too much is asked at once: try again in some seconds');
export const refusedAsRetained = refusedWith(
  'a retained order is not obeyed, for it would be obeyed again at every start: publish it without retain',
);

/** @param instance of the daemon that acts. */
export const refusedAsSecond = (instance: string): ((control: Control) => Control) =>
  refusedWith(
    `another daemon of this spacecraft acts (${instance}): stop it, or switch it to passive, before this one acts`,
  );

/** An answer of a daemon, with what it is recognised by in its body; undefined when it is none: anybody may speak on the topic. */
export const decodeReply = (
  payload: Uint8Array,
): { readonly reply: Reply; readonly correlation: string | undefined } | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
  const read = replySchema.safeParse(value);
  if (!read.success) return undefined;
  const { correlation, ...reply } = read.data;
  return { reply, correlation };
};
