/** The console's server over HTTP with a world that the test holds in its hands. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { anomalyParts } from '../../src/adapters/log/anomaly-parquet';
import { buildShiftReport } from '../../src/core/report/shift-report';
import type { ShiftRecords } from '../../src/core/report/shift-records';
import { emptyTally } from '../../src/core/tally';
import { summaryOf } from '../../src/console/server/account';
import type { ConsoleContext, ZodServer } from '../../src/console/server/context';
import { EventHub } from '../../src/console/server/event-hub';
import { LiveState } from '../../src/console/port/live-state';
import type { ConsoleOrder } from '../../src/console/port/messages';
import { pulseOf } from '../../src/console/port/pulse';
import { createServer, type ServerOptions } from '../../src/console/server/http';
import { announcer } from '../../src/console/server/serve';
import { overviewOf } from '../../src/console/server/views';
import type { ConsoleLog, ShownAccount } from '../../src/console/server/world';
import type { Explanation } from '../../src/domain/explanation';
import type { NoteRecord } from '../../src/domain/note';
import type { TelecommandRecord } from '../../src/domain/telecommand';
import type { Reply } from '../../src/domain/requests';
import { openAnomaly } from './open-anomaly';
import { T0, tinyMission } from './tiny-mission';

export const TOKEN = 'ann-0123456789abcdef';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request; unlike `fetch` it lets every header be chosen. */
export const ask = (
  url: string,
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    // The path as it is: URL would tidy it up.
    const { hostname, port } = new URL(url);
    const sent = request(
      { hostname, port, path, method, headers: { ...type, ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

const NO_RECORDS: ShiftRecords = {
  revisions: [],
  alarmSteps: [],
  recoveries: [],
  orders: [],
  events: [],
  stopsBefore: [],
  stateEvents: [],
  notes: [],
  handOvers: [],
};

/** A log that holds these anomalies, and can be broken. */
export class HeldLog implements ConsoleLog {
  trouble: string | undefined;
  constructor(readonly anomalies: Explanation[]) {}

  private read<T>(value: T): T {
    if (this.trouble !== undefined) throw new Error(this.trouble);
    return value;
  }
  list: ConsoleLog['list'] = ({ limit }) => {
    const items = this.read(this.anomalies).map((item) => summaryOf(item));
    return { items: items.slice(0, limit), next: items.length > limit ? 'more' : null };
  };
  histogram: ConsoleLog['histogram'] = (_query, buckets) =>
    this.read({ from: null, to: null, bucketSeconds: 1, counts: new Array<number>(buckets).fill(0), total: 0 });
  *batches(): Generator<ReturnType<typeof summaryOf>[]> {
    for (const anomaly of this.read(this.anomalies)) yield [summaryOf(this.read(anomaly))];
  }
  *parquet(): Generator<Uint8Array> {
    yield* anomalyParts(this.batches());
  }
  account(id: string): ShownAccount | undefined {
    const found = this.read(this.anomalies).find((item) => item.id === id);
    return found && { revisions: [found], requests: [], recoveries: [], alarms: [], verdicts: [], notes: [] };
  }
  /** What people wrote. */
  kept: readonly NoteRecord[] = [];
  /** What was sent. */
  sent: readonly TelecommandRecord[] = [];
  commands: ConsoleLog['commands'] = () => this.read(this.sent);
  notes: ConsoleLog['notes'] = () => this.read(this.kept);
  shift: ConsoleLog['shift'] = (range) => this.read(buildShiftReport(range, { ...NO_RECORDS, notes: this.kept }));
  recoveries = () => this.read([]);
  recovery = () => this.read(undefined);
  alarms = () => this.read([]);
  alarm = () => this.read(undefined);
  events = () => this.read([]);
  history = () => this.read({ items: [], next: null, completeSince: null, unknown: [] });
  reports = () => this.read([]);
  ruleCounts = () => this.read(new Map());
}

export interface ConsoleWorld {
  readonly url: string;
  readonly server: ZodServer;
  readonly context: ConsoleContext;
  readonly log: HeldLog;
  readonly orders: ConsoleOrder[];
  readonly defects: unknown[];
  /** What the daemon answers to orders; undefined: nothing. */
  answer: Reply | undefined;
  close(): Promise<void>;
}

/** @param real what is not to be held in hands: a log of a file, replays of a folder. */
export const openConsole = async (
  options: Partial<ServerOptions> = {},
  real: Partial<Pick<ConsoleContext, 'log' | 'replays' | 'history'>> = {},
): Promise<ConsoleWorld> => {
  const mission = tinyMission();
  const live = new LiveState();
  const log = new HeldLog([openAnomaly({ equipment: 'rw1' })]);
  const orders: ConsoleOrder[] = [];
  const defects: unknown[] = [];
  const pulse = pulseOf({
    now: T0,
    startedAt: T0,
    state: 'online',
    mode: 'active',
    impaired: [],
    isConnected: true,
    tally: emptyTally,
    lastMessageAt: T0,
    lastPacketTime: T0,
  });
  const hub = new EventHub('test', () => ({ name: 'snapshot', data: overviewOf(mission, live, pulse) }));
  const context: ConsoleContext = {
    mission,
    live,
    pulse: () => pulse,
    log,
    history: { layout: undefined, damaged: 0, records: () => [] },
    telemetryHub: new EventHub('telemetry', () => undefined),
    orders: {
      order: (order) => {
        orders.push(order);
        return Promise.resolve(world.answer);
      },
    },
    replays: {
      isAvailable: false,
      passes: () => [],
      runs: () => [],
      run: () => undefined,
      start: () => {
        throw new Error('no replay here');
      },
      stop: () => false,
      account: () => undefined,
    },
    ...real,
    hub,
    counters: { startedAt: T0, requests: 0, refused: 0, coalesced: 0 },
    hasTokens: true,
    now: () => T0,
    ...announcer(hub),
  };
  const server = await createServer(context, {
    page: '/nowhere',
    tokens: [
      { name: 'bob', token: 'bob-0123456789abcdef' },
      { name: 'ann', token: TOKEN },
    ],
    allowedHosts: ['fdir.example'],
    onInternal: (error) => defects.push(error),
    requests: { burst: 1e6, perSecond: 1e6 },
    ...options,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const world: ConsoleWorld = {
    url,
    server,
    context,
    log,
    orders,
    defects,
    answer: { ok: true, message: 'done' },
    close: async () => {
      hub.close();
      context.telemetryHub.close();
      await server.close();
    },
  };
  return world;
};
