/**
 * What the spacecraft itself reported: kept in the log, and rules can bind to it. Events (PUS service 5, ECSS-E-ST-70-41C clause 6.5),
 * and reports of its own monitoring (service 12) and event-actions (service 19).
 */
import { z } from 'zod';
import { severities } from './monitors';

export const onboardEventSchema = z.object({
  type: z.literal('report'),
  time: z.iso.datetime(),
  /** Of the packet utilisation standard; left out: 5, and the subtype is the severity. */
  service: z.int().optional(),
  subtype: z.int().optional(),
  /** Name of the container in the definition; where it has none, the event's number, or what the standard calls the report. */
  name: z.string(),
  /** Number of the event definition, when the packet has one. */
  number: z.int().optional(),
  /** Of an event; all else is informative, for the standard gives it none. */
  severity: z.enum(severities),
  apid: z.int(),
  sequence: z.int(),
  /** The unit it is about, where its container stands in the SpaceSystem of one. */
  equipment: z.string().optional(),
  /** What else the report carries, engineering values. */
  values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
});

export type OnboardEvent = z.infer<typeof onboardEventSchema>;
