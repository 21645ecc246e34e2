/** What the daemon of a fleet and the thread of its console say to each other. */
import type { FleetRow } from '../api/fleet';
import type { NamedToken } from './messages';

export interface FleetConsoleSetup {
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly tokens: readonly NamedToken[];
  readonly worker: string;
}

/** As it stands; the newest replaces what came before. */
export interface FleetSnapshot {
  readonly kind: 'fleet';
  /** ISO 8601. */
  readonly time: string;
  readonly rows: readonly FleetRow[];
}

export type FromFleetConsole =
  { readonly kind: 'listening'; readonly url: string } | { readonly kind: 'failed'; readonly reason: string };
