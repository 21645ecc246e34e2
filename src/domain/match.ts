/** The short form of a condition on an anomaly, a map, and the CEL expression it stands for. */
import { z } from 'zod';
import { durationMs } from './units';

const oneOrMore = z.union([z.string().transform((item) => [item]), z.array(z.string()).min(1)]);

export const matchSchema = z
  .strictObject({
    /** Any of these equipments; left out: any. `unknown` is an equipment name here. */
    equipment: oneOrMore.optional(),
    /** Any of these fault classes; left out: any. */
    fault: oneOrMore.optional(),
    /** Confidence at least. */
    confidence: z.number().min(0).max(1).optional(),
    /** Confidence below. */
    confidenceBelow: z.number().min(0).max(1).optional(),
    /** The anomaly has lasted at least this long (packet time, counted from its start). */
    duration: durationMs.optional(),
  })
  .readonly();

export type Match = z.infer<typeof matchSchema>;

const quote = (text: string): string => JSON.stringify(text);

const isOneOf = (what: string, names: readonly string[]): string =>
  names.length === 1 ? `${what} == ${quote(names.join())}` : `${what} in [${names.map(quote).join(', ')}]`;

/** CEL has doubles and integers: a decimal point makes a number a double. */
const double = (value: number): string => (Number.isInteger(value) ? `${String(value)}.0` : String(value));

/** The expression, its conjuncts in the order equipment, fault, confidence, duration; an empty map is `true`. */
export const conditionText = ({ equipment, fault, confidence, confidenceBelow, duration }: Match): string => {
  const conjuncts = [
    equipment && isOneOf('anomaly.equipment', equipment),
    fault && isOneOf('anomaly.fault', fault),
    confidence !== undefined && `anomaly.confidence >= ${double(confidence)}`,
    confidenceBelow !== undefined && `anomaly.confidence < ${double(confidenceBelow)}`,
    duration !== undefined && `anomaly.duration >= duration("${String(duration)}ms")`,
  ].filter((conjunct) => typeof conjunct === 'string');
  return conjuncts.length === 0 ? 'true' : conjuncts.join(' && ');
};
