/** What the spacecraft itself reported (PUS service 5, ECSS-E-ST-70-41C clause 6.5): kept in the log, and rules can bind to it. */
import { z } from 'zod';
import { severities } from './monitors';

export const onboardEventSchema = z.object({
  type: z.literal('report'),
  time: z.iso.datetime(),
  /** Name of the container in the definition, or the event's number when the definition has none. */
  name: z.string(),
  /** Number of the event definition, when the packet has one. */
  number: z.int().optional(),
  severity: z.enum(severities),
  apid: z.int(),
  sequence: z.int(),
  /** The unit it is about, where its container stands in the SpaceSystem of one. */
  equipment: z.string().optional(),
  /** What else the report carries, engineering values. */
  values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
});

export type OnboardEvent = z.infer<typeof onboardEventSchema>;
