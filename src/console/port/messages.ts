/** What goes over the port between the daemon and its console, which runs in a thread of its own. Plain data that can be cloned. */
import type { OperatorRequest, Reply } from '../../domain/requests';
import type { BucketRecord } from '../../core/history/bucket';
import type { Mission } from '../../domain/mission';
import type { Pulse } from '../api/overview';
import type { LiveChange } from './live-state';

/** What an order over HTTP can be. */
export type ConsoleOrder = OperatorRequest;

/** Buckets of the history that are complete, with as many channels as the mission has parameters and one. */
export interface TelemetryNews {
  readonly measured: readonly BucketRecord[];
  readonly judged: readonly BucketRecord[];
}

/** To the console. Changes are numbered, and acknowledged, so that the daemon knows how far behind the console is. */
export type ToConsole =
  | { readonly kind: 'changes'; readonly sequence: number; readonly changes: readonly LiveChange[] }
  /** Instead of everything that was not said: the newest state. */
  | {
      readonly kind: 'snapshot';
      readonly sequence: number;
      readonly changes: readonly LiveChange[];
      readonly coalesced: number;
    }
  | { readonly kind: 'pulse'; readonly pulse: Pulse }
  | { readonly kind: 'telemetry'; readonly news: TelemetryNews }
  | { readonly kind: 'reply'; readonly order: number; readonly reply: Reply }
  | { readonly kind: 'stop' };

/** From the console. */
export type FromConsole =
  | { readonly kind: 'listening'; readonly url: string }
  /** It cannot serve: a taken port, a token that cannot be read. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'acknowledge'; readonly sequence: number }
  | { readonly kind: 'pulse-taken' }
  | { readonly kind: 'telemetry-taken' }
  | { readonly kind: 'order'; readonly order: number; readonly request: ConsoleOrder }
  /** A defect, for the daemon's log. */
  | { readonly kind: 'trouble'; readonly message: string };

/** A person's token; `source` was read already. */
export interface NamedToken {
  readonly name: string;
  readonly token: string;
}

export interface OpenMctAccess {
  /** The file. */
  readonly file: string;
  readonly origins: readonly string[];
}

/** What a console thread is started with. */
export interface ConsoleSetup {
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly tokens: readonly NamedToken[];
  /** Absolute path of the configuration, for replays. */
  readonly configFile: string;
  readonly logPath: string;
  /** Absolute path of the history of telemetry; undefined when none is kept. */
  readonly historyPath: string | undefined;
  /** The plugin for Open MCT, and pages of which other origins may use it; undefined: it is not served. */
  readonly openmct: OpenMctAccess | undefined;
  /** Absolute path of the folder of recorded passes. */
  readonly passes: string | undefined;
  /** Folder of the page's files. */
  readonly page: string;
  readonly mission: Mission;
  readonly startedAt: number;
  /** The part of Yamcs' API that is served; undefined: none. */
  readonly yamcs: YamcsApi | undefined;
}

/** `yamcsApi` of the configuration. */
export interface YamcsApi {
  readonly instance: string;
  readonly processor: string;
  /** Origins of pages that may call it. */
  readonly origins: readonly string[];
  /** Who is recorded for orders that come from this machine without a token; undefined: those are refused. */
  readonly actAs?: string | undefined;
}
