/** The console of a daemon as the plugin asks it: its API, with the token, and its two streams, which every view shares. */
import type { Alarm } from '../domain/alarm';
import type { AnomalyList } from '../console/api/anomalies';
import type { HistoryAnswer } from '../console/api/history';
import type { MissionView } from '../console/api/overview';

export interface DaemonAccess {
  /** Of the console, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token?: string | undefined;
}

/** The streams have a heartbeat a second. */
const SILENCE_MS = 6000;
const RETRY_MS = 2000;

export interface DaemonMessage {
  readonly name: string;
  readonly data: unknown;
}

const parse = (part: string): DaemonMessage | undefined => {
  let name = '';
  let data = '';
  for (const line of part.split(/\r?\n/)) {
    if (line.startsWith('event: ')) name = line.slice(7);
    if (line.startsWith('data: ')) data += line.slice(6);
  }
  return data === '' ? undefined : { name, data: JSON.parse(data) as unknown };
};

/** One connection for all who listen: made with the first, closed with the last. */
class SharedStream {
  private readonly listeners = new Set<(event: DaemonMessage) => void>();
  private stop: AbortController | undefined;
  /** By the browser's own steady clock: its wall clock may be an hour off. */
  heardAt = -Infinity;

  constructor(private readonly open: (signal: AbortSignal) => Promise<Response>) {}

  listen(listener: (event: DaemonMessage) => void): () => void {
    this.listeners.add(listener);
    if (this.stop === undefined) {
      this.stop = new AbortController();
      void this.run(this.stop.signal);
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.stop?.abort();
      this.stop = undefined;
    };
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.read(signal);
      } catch {
        // The daemon is away: tried again below. Who asks for staleness hears of it.
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private async read(outer: AbortSignal): Promise<void> {
    const silence = new AbortController();
    const response = await this.open(AbortSignal.any([outer, silence.signal]));
    const reader = response.body?.getReader();
    if (!response.ok || reader === undefined) return;
    const decoder = new TextDecoder();
    let waiting = '';
    for (;;) {
      const timer = setTimeout(() => {
        silence.abort();
      }, SILENCE_MS);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      this.heardAt = performance.now();
      const parts = (waiting + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      waiting = parts.pop() ?? '';
      for (const part of parts) {
        const event = parse(part);
        if (event !== undefined) for (const listener of [...this.listeners]) listener(event);
      }
    }
  }
}

export class DaemonApi {
  readonly events: SharedStream;
  readonly telemetry: SharedStream;
  private missionAsked: Promise<MissionView> | undefined;

  constructor(private readonly options: DaemonAccess) {
    this.events = new SharedStream((signal) => this.fetch('events', { signal }));
    this.telemetry = new SharedStream((signal) => this.fetch('telemetry', { signal }));
  }

  get url(): string {
    return this.options.url.replace(/\/+$/, '');
  }

  /** Asked once; again when it failed. */
  mission(): Promise<MissionView> {
    this.missionAsked ??= this.get<MissionView>('mission').catch((error: unknown) => {
      this.missionAsked = undefined;
      throw error;
    });
    return this.missionAsked;
  }

  history(query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<HistoryAnswer> {
    return this.get<HistoryAnswer>(`history?${new URLSearchParams(query).toString()}`, signal);
  }

  anomalies(query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<AnomalyList> {
    return this.get<AnomalyList>(`anomalies?${new URLSearchParams(query).toString()}`, signal);
  }

  async alarms(): Promise<readonly Alarm[]> {
    return (await this.get<{ items: readonly Alarm[] }>('alarms')).items;
  }

  /** @throws the daemon's words when it refuses. */
  async order(path: string, body: object): Promise<void> {
    const response = await this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await wordsOf(response));
  }

  private async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const response = await this.fetch(path, signal === undefined ? {} : { signal });
    if (!response.ok) throw new Error(await wordsOf(response));
    return (await response.json()) as T;
  }

  private fetch(
    path: string,
    { headers, ...init }: RequestInit & { headers?: Record<string, string> },
  ): Promise<Response> {
    const { token } = this.options;
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(`${this.url}/api/v1/${path}`, { ...init, headers: { ...headers, ...authorization } });
  }
}

const wordsOf = async (response: Response): Promise<string> => {
  try {
    const { detail } = (await response.json()) as { detail?: string };
    return `FDIR: ${detail ?? response.statusText}`;
  } catch {
    return `FDIR: the console answered ${String(response.status)}`;
  }
};
