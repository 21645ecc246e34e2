/** What a daemon is started with, and what whoever started it can do with it. */
import type { Logger } from '../../adapters/host/logger';
import type { ServiceManager } from '../../adapters/host/service-manager';
import type { Clock } from '../../pipeline/ports';

export interface DaemonOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who started this process and watches over it; left out: nobody. */
  readonly service?: ServiceManager;
  /** Whether a spacecraft acknowledges; one that is played from a recording does not. Default: it does. */
  readonly isAnswered?: boolean;
  /** Told where the console listens, once it does. */
  readonly onConsole?: (url: string) => void;
  /** Begin anew: nothing of the last run's judgement is resumed, only recoveries, alarms and what people set. */
  readonly isFresh?: boolean;
  /** Aborts the start-up between any two of its steps; later it does nothing. */
  readonly signal?: AbortSignal;
  /** The flow broke, which is a defect of the program: the daemon must be started again. */
  readonly onBroken: (error: unknown) => void;
}

export interface Daemon {
  /** Loads the rules anew; invalid ones are refused, and everybody is told. */
  reload(by: string): void;
  /** Stops part after part; a part that cannot stop does not keep the others. */
  stop(): Promise<void>;
}
