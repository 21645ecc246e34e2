/** Where `fdir watch` learns what it shows: the daemon's own words over the broker, and its log where that is at hand. */
import { z } from 'zod';
import { toError } from '../../domain/errors';
import { DaemonLine } from '../../adapters/mqtt/daemon-line';
import { readBrokerAccess } from '../../adapters/mqtt/broker-access';
import { readLog } from '../../adapters/log/sqlite-log';
import type { DaemonAddress } from '../../config/load-address';
import { readHealth } from '../../core/health';
import { topicsOf } from '../../core/topics';
import { alarmSchema } from '../../domain/alarm';
import { explanationSchema } from '../../domain/explanation';
import { recoverySchema } from '../../domain/recovery';
import type { WatchEffect, WatchView } from './model';

export type ViewChange = Partial<Omit<WatchView, 'spacecraft'>>;

export interface WatchSourceOptions {
  readonly address: DaemonAddress;
  /** Who decides. */
  readonly by: string;
  readonly onChange: (change: ViewChange) => void;
  readonly onTold: (message: string) => void;
}

type Order = Extract<WatchEffect, { kind: 'order' }>;

/** Alarms that a shelf returns or a person acknowledged elsewhere are seen as late as this, milliseconds. */
const REFRESH_MS = 5000;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** The newest anomaly in the log; undefined where the log is not on this machine. */
const newestIn = (path: string): ViewChange => {
  try {
    const reader = readLog(path);
    try {
      const [newest] = reader.listAnomalies({ limit: 1 });
      return newest === undefined ? {} : { anomaly: newest };
    } finally {
      reader.close();
    }
  } catch {
    return {};
  }
};

const REQUESTS = {
  acknowledge: { name: 'alarm-ack', key: 'name' },
  approve: { name: 'action-approve', key: 'id' },
  reject: { name: 'action-reject', key: 'id' },
} as const;

export class WatchSource {
  private readonly line: DaemonLine;
  private timer: NodeJS.Timeout | undefined;
  private isAsking = false;
  private isAskedAgain = false;

  constructor(private readonly options: WatchSourceOptions) {
    const { url, mqtt, folder, baseTopic, spacecraft } = options.address;
    const topics = topicsOf(baseTopic, spacecraft);
    this.line = new DaemonLine({
      url,
      access: readBrokerAccess(mqtt, { baseDir: folder }),
      topics,
      onLine: (isConnected) => {
        options.onChange({ isConnected });
        if (isConnected) this.refresh();
      },
      onTrouble: options.onTold,
      onMessage: (topic, text) => {
        if (topic === topics.state) options.onChange({ state: text });
        else if (topic === topics.health) this.takeHealth(text);
        else if (topic === topics.anomaly) this.takeAnomaly(text);
        else this.refresh();
      },
    });
  }

  start(): void {
    this.options.onChange(newestIn(this.options.address.logPath));
    this.line.start();
    this.timer = setInterval(() => {
      this.refresh();
    }, REFRESH_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.line.stop();
  }

  async order({ verb, target, comment }: Order): Promise<void> {
    const { name, key } = REQUESTS[verb];
    const reply = await this.line.ask(name, { by: this.options.by, comment, [key]: target });
    this.options.onTold(reply?.message ?? 'no daemon answers: look again before you repeat it');
    this.refresh();
  }

  /** Asks for alarms and recoveries; what changes meanwhile is asked for once more. */
  private refresh(): void {
    if (this.isAsking) {
      this.isAskedAgain = true;
      return;
    }
    this.isAsking = true;
    void this.ask().finally(() => {
      this.isAsking = false;
      if (!this.isAskedAgain) return;
      this.isAskedAgain = false;
      this.refresh();
    });
  }

  private async ask(): Promise<void> {
    try {
      const [alarms, recoveries] = await Promise.all([
        this.line.ask('alarm-list', {}),
        this.line.ask('action-list', {}),
      ]);
      const open = z.array(alarmSchema).safeParse(alarms?.data);
      if (open.success) this.options.onChange({ alarms: open.data.filter(({ state }) => state !== 'pending') });
      const going = z.array(recoverySchema).safeParse(recoveries?.data);
      if (going.success) this.options.onChange({ waiting: going.data.filter(({ state }) => state === 'waiting') });
    } catch (error) {
      this.options.onTold(toError(error).message);
    }
  }

  private takeHealth(text: string): void {
    const health = readHealth(text);
    if (health !== undefined) this.options.onChange({ packetTime: health.packetTime, reasons: health.reasons ?? [] });
  }

  private takeAnomaly(text: string): void {
    const read = explanationSchema.safeParse(parsed(text));
    if (read.success) this.options.onChange({ anomaly: read.data });
    this.refresh();
  }
}
