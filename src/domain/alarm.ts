/**
 * Alarms: what a person has to take notice of, apart from the events that cause it. States of ISA-18.2 in the words of Yamcs:
 * pending, triggered, acknowledged, returned to normal, cleared.
 */
import { z } from 'zod';
import { severities } from './monitors';

const time = z.iso.datetime();

export const alarmStates = ['pending', 'triggered', 'acknowledged', 'returned', 'cleared'] as const;
export type AlarmState = (typeof alarmStates)[number];

const momentSchema = z.object({ time, value: z.number().nullable() });
/** The severity of its cause; missing in what older versions wrote. */
const worstSchema = momentSchema.extend({ severity: z.enum(severities).optional() });

export const alarmSchema = z.object({
  /** `anomaly/rw2`, `check/rw2_current_a`, `monitor/bus-low`. */
  name: z.string(),
  /** Counts the lives of this alarm, from 1. */
  sequence: z.int(),
  state: z.enum(alarmStates),
  severity: z.enum(severities),
  title: z.string(),
  /** Stays until a person clears it, also after the return to normal. */
  isLatching: z.boolean(),
  /** What violates at the moment, with its severity: anomaly ids, limit sets. */
  causes: z.record(z.string(), z.enum(severities)),
  /** What each of them says, in words: the gravest one gives the alarm its title. Missing in what older versions wrote. */
  titles: z.record(z.string(), z.string()).optional(),
  trigger: momentSchema,
  /** The worst valid value; null when there was none. */
  worst: worstSchema,
  current: momentSchema,
  /** How often it was triggered in this life. */
  count: z.int(),
  /** What the alarm is about now: the last of its occurrences, apart from those before. Missing in what older versions wrote. */
  occurrence: z
    .object({
      /** From 1. */
      number: z.int(),
      since: time,
      /** The worst value of this occurrence alone; null when there was none. */
      worst: momentSchema,
    })
    .optional(),
  /** Violations that did not last long enough to trigger it. */
  nearMisses: z.int(),
  changedAt: time,
  acknowledged: z.object({ by: z.string(), time, comment: z.string() }).nullable(),
  /** With `cause` nobody shelved it: the rule or monitor of that name explains it, and it stays for as long as that one is active. */
  shelved: z.object({ by: z.string(), reason: z.string(), until: time, cause: z.string().optional() }).nullable(),
  /** The explanation record that tells why, for an anomaly. */
  explanationId: z.string().nullable(),
  squelch: z.object({ tokens: z.number(), at: z.number(), suppressed: z.int() }),
});
export type Alarm = z.infer<typeof alarmSchema>;

/** A transition of an alarm, as it is logged and published (topic `alarm`). */
export const alarmStepSchema = z.object({
  name: z.string(),
  sequence: z.int(),
  time,
  change: z.enum([
    'pending',
    'triggered',
    'retriggered',
    'acknowledged',
    'returned',
    'cleared',
    'near-miss',
    'shelved',
    'unshelved',
  ]),
  state: z.enum(alarmStates),
  severity: z.enum(severities),
  value: z.number().nullable(),
  by: z.string(),
  note: z.string(),
  /** Of `shelved`: until when. Missing in what older versions wrote. */
  until: time.optional(),
});
export type AlarmStep = z.infer<typeof alarmStepSchema>;
