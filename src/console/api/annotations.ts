/** What a time series view draws over its plots, such as Grafana: anomalies as regions, telecommands as points. */
import { z } from 'zod';

export const annotationKinds = ['anomaly', 'command'] as const;
export type AnnotationKind = (typeof annotationKinds)[number];

/** Milliseconds since 1970, as `${__from}` of Grafana is, or ISO 8601. */
const moment = z.union([
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  z.iso.datetime().transform((text) => Date.parse(text)),
]);

export const annotationQuery = z
  .strictObject({
    from: moment,
    to: moment,
    kinds: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(annotationKinds)).min(1))
      .default([...annotationKinds]),
    /** The newest so many of each kind. */
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  })
  .refine(({ from, to }) => from < to, { path: ['from'], message: 'must be before "to"' });

export const annotationSchema = z.object({
  kind: z.enum(annotationKinds),
  /** Milliseconds since 1970, packet time. */
  time: z.number(),
  /** Null: a point, or an anomaly that lasts. */
  timeEnd: z.number().nullable(),
  title: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
  /** Of the anomaly; empty for a telecommand. */
  id: z.string(),
});
export type Annotation = z.infer<typeof annotationSchema>;

export const annotationListSchema = z.array(annotationSchema);
