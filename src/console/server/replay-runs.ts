/**
 * Recorded passes run beside the live one, each in a process of its own at low priority. Each has a log of its own, which is gone
 * with it. Few run at a time, few are kept, and none outlives the console.
 *
 * Refused: a thread. A process can take neither the time of the pipeline nor its memory, and what it finds is in no record of
 * the spacecraft.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isoTime } from '../../domain/units';
import type { AnomalySummary } from '../api/anomalies';
import type { PassView, ReplayView } from '../api/replay';
import { HttpProblem } from './problems';
import type { ConsoleLog, ShownAccount, Replays } from './world';

/** What a replay's process says. */
export type ReplayMessage =
  | {
      readonly kind: 'step';
      readonly frames: number;
      readonly windows: number;
      readonly unscored: number;
      readonly actions: number;
      readonly dropped: Readonly<Record<string, number>>;
      readonly packetTime: string | null;
      /** Share of the recording that is read. */
      readonly progress: number;
      readonly anomalies: readonly AnomalySummary[];
    }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };

/** What it is told, as its first argument. */
export interface ReplayTask {
  readonly config: string;
  readonly pass: string;
  readonly speed: ReplayView['speed'];
  readonly logPath: string;
}

export interface ReplayRunsOptions {
  readonly configFile: string;
  readonly folder: string | undefined;
  /** The compiled file the process runs. */
  readonly file: string;
  readonly openLog: (path: string) => ConsoleLog & { close(): void };
  readonly now: () => number;
  readonly onChange: (id: string) => void;
}

/** Each takes a core while it lasts. */
const MAX_RUNNING = 2;
const MAX_KEPT = 8;
/** More in one pass are not stepped through by anybody; all are in the count. */
const MAX_ANOMALIES = 2000;
const RECORDING = /\.(csv|ndjson|jsonl)$/i;

interface Run {
  view: ReplayView;
  readonly child: ChildProcess;
  readonly folder: string;
  readonly log: ConsoleLog & { close(): void };
}

export class ReplayRuns implements Replays {
  private readonly all = new Map<string, Run>();
  private count = 0;

  constructor(private readonly options: ReplayRunsOptions) {}

  get isAvailable(): boolean {
    const { folder } = this.options;
    return folder !== undefined && existsSync(folder);
  }

  passes(): readonly PassView[] {
    const { folder } = this.options;
    if (folder === undefined) return [];
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && RECORDING.test(entry.name) && !/\.labels\.csv$/i.test(entry.name))
        .map(({ name }) => {
          const { size, mtimeMs } = statSync(join(folder, name));
          return { name, bytes: size, modifiedAt: isoTime(Math.floor(mtimeMs)) };
        })
        .sort((a, b) => a.name.localeCompare(b.name));
    } catch {
      // A folder that is not there, or went: there is nothing to choose, and `isAvailable` says so.
      return [];
    }
  }

  runs(): readonly ReplayView[] {
    return [...this.all.values()].map(({ view }) => view).reverse();
  }

  run(id: string): ReplayView | undefined {
    return this.all.get(id)?.view;
  }

  start(pass: string, speed: ReplayView['speed'], by: string): ReplayView {
    const { folder, file, configFile, openLog, now } = this.options;
    // Only what is listed: a name is no way out of the folder.
    if (folder === undefined || !this.passes().some(({ name }) => name === pass))
      throw new HttpProblem('not-found', `there is no recorded pass called ${pass}`);
    if (this.runs().filter(({ state }) => state === 'running').length >= MAX_RUNNING)
      throw new HttpProblem('refused', `${String(MAX_RUNNING)} replays run already; stop one`);
    this.count += 1;
    const id = `replay-${String(this.count)}`;
    const own = mkdtempSync(join(tmpdir(), 'fdir-replay-'));
    const logPath = join(own, 'replay.db');
    const task: ReplayTask = { config: configFile, pass: join(folder, pass), speed, logPath };
    const child = fork(file, [JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
    const view: ReplayView = {
      id,
      isLive: false,
      pass,
      speed,
      state: 'running',
      startedAt: isoTime(now()),
      startedBy: by,
      endedAt: null,
      message: '',
      packetTime: null,
      frames: 0,
      windows: 0,
      unscored: 0,
      actions: 0,
      dropped: {},
      progress: 0,
      anomalies: [],
    };
    this.all.set(id, { view, child, folder: own, log: openLog(logPath) });
    this.follow(id, child);
    this.forgetOldest();
    return view;
  }

  stop(id: string): boolean {
    const run = this.all.get(id);
    if (run?.view.state !== 'running') return false;
    this.change(id, { state: 'stopped', endedAt: isoTime(this.options.now()) });
    run.child.kill('SIGKILL');
    return true;
  }

  account(id: string, anomaly: string): ShownAccount | undefined {
    return this.all.get(id)?.log.account(anomaly);
  }

  close(): Promise<void> {
    for (const id of [...this.all.keys()]) this.forget(id);
    return Promise.resolve();
  }

  private follow(id: string, child: ChildProcess): void {
    child.once('spawn', () => {
      // The live pass goes first.
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    });
    child.on('message', (message: ReplayMessage) => {
      if (this.run(id)?.state === 'running') this.take(id, message);
    });
    const end = (message: string): void => {
      if (this.run(id)?.state === 'running')
        this.change(id, { state: 'failed', message, endedAt: isoTime(this.options.now()) });
    };
    child.once('error', (error) => {
      end(error.message);
    });
    child.once('exit', (status, signal) => {
      end(`its process ended with ${signal ?? `status ${String(status)}`}`);
    });
  }

  private take(id: string, message: ReplayMessage): void {
    const endedAt = isoTime(this.options.now());
    switch (message.kind) {
      case 'step': {
        const { kind: _kind, anomalies, ...progress } = message;
        const known = new Map((this.run(id)?.anomalies ?? []).map((item) => [item.id, item]));
        for (const item of anomalies) if (known.has(item.id) || known.size < MAX_ANOMALIES) known.set(item.id, item);
        this.change(id, { ...progress, dropped: { ...progress.dropped }, anomalies: [...known.values()] });
        return;
      }
      case 'done':
        this.change(id, { state: 'done', progress: 1, endedAt });
        return;
      case 'failed':
        this.change(id, { state: 'failed', message: message.message, endedAt });
        return;
    }
  }

  private change(id: string, change: Partial<ReplayView>): void {
    const run = this.all.get(id);
    if (run === undefined) return;
    run.view = { ...run.view, ...change };
    this.options.onChange(id);
  }

  private forgetOldest(): void {
    for (const [id, { view }] of this.all) {
      if (this.all.size <= MAX_KEPT) return;
      if (view.state !== 'running') this.forget(id);
    }
  }

  private forget(id: string): void {
    const run = this.all.get(id);
    if (run === undefined) return;
    this.all.delete(id);
    run.child.kill('SIGKILL');
    run.log.close();
    rmSync(run.folder, { recursive: true, force: true });
  }
}
