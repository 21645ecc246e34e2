/** One time line of everything that the log keeps: what was found, told, ordered and done. */
import { z } from 'zod';
import { severities } from './monitors';

export const historyKinds = ['anomaly', 'transition', 'alarm', 'order', 'action', 'event'] as const;
export type HistoryKind = (typeof historyKinds)[number];

export const historyEntrySchema = z.object({
  /** Packet time; of orders and daemon events the wall clock. */
  time: z.iso.datetime(),
  kind: z.enum(historyKinds),
  /** What it is about: an anomaly, a parameter or monitor, an alarm, a command, a kind of daemon event. */
  about: z.string(),
  equipment: z.string().nullable(),
  fault: z.string().nullable(),
  rule: z.string().nullable(),
  severity: z.enum(severities).nullable(),
  /** One sentence. */
  text: z.string(),
});
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/** What was found of the time line. */
export interface History {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  /** More rows may fit than are looked through: entries before this time may be missing. Null: none is. */
  readonly completeSince: string | null;
}

/** Different filters must all hold; an entry that says nothing of what is asked for does not pass. */
export interface HistoryFilter {
  /** At or after, before: ISO 8601. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly kinds?: readonly HistoryKind[] | undefined;
  readonly equipment?: readonly string[] | undefined;
  readonly fault?: readonly string[] | undefined;
  readonly rule?: string | undefined;
  readonly severity?: string | undefined;
  /** Words, all of which are in the sentence or in what it is about. */
  readonly text?: string | undefined;
}
