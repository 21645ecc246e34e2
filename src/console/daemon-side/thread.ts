/**
 * The console's thread as the daemon sees it: started, started again when it broke or its port was taken, asked to stop. Nothing here
 * ever waits for it but the end.
 */
import { describeError } from '../../domain/errors';
import { Worker } from 'node:worker_threads';
import type { ConsoleSetup, FromConsole, ToConsole } from '../port/messages';

/** A port that is taken may be free again; a thread that broke is started anew. */
const RETRY_MS = 10_000;
/** Two hundred listeners and an export take some sixty; at the bound the thread ends, and not the daemon. */
const MAX_HEAP_MB = 256;
/** Streams are closed at once; longer is a thread that hangs. */
const STOP_PATIENCE_MS = 3000;

export interface ThreadOptions {
  /** The compiled file the thread runs. */
  readonly file: string;
  readonly setup: ConsoleSetup;
  /** A thread runs, and takes what `post` is given. */
  readonly onStarted: (post: (message: ToConsole) => void) => void;
  readonly onMessage: (message: FromConsole) => void;
  /** It is gone; another will follow unless it was stopped. */
  readonly onGone: () => void;
  /** How long after it is gone it is started again. */
  readonly retryMs?: number;
  /** Why it is gone, or cannot serve. Said once as long as the reason stays the same. */
  readonly onTrouble: (message: string) => void;
}

export class ConsoleThread {
  private worker: Worker | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isStopping = false;
  private lastTrouble = '';

  constructor(private readonly options: ThreadOptions) {}

  start(): void {
    const { file, setup, onStarted, onMessage, onGone } = this.options;
    const worker = new Worker(file, {
      workerData: setup,
      name: 'console',
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.worker = worker;
    worker.on('message', (message: FromConsole) => {
      if (message.kind === 'listening') this.lastTrouble = '';
      if (message.kind === 'failed') this.trouble(message.message);
      else onMessage(message);
    });
    worker.on('error', (error: unknown) => {
      this.trouble(`the console broke: ${describeError(error)}`);
    });
    worker.once('exit', () => {
      this.worker = undefined;
      onGone();
      if (this.isStopping) return;
      this.retry = setTimeout(() => {
        this.start();
      }, this.options.retryMs ?? RETRY_MS);
    });
    onStarted((message) => {
      worker.postMessage(message);
    });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.retry);
    const { worker } = this;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        resolve();
      });
    });
    const patience = setTimeout(() => void worker.terminate(), STOP_PATIENCE_MS);
    worker.postMessage({ kind: 'stop' } satisfies ToConsole);
    await ended;
    clearTimeout(patience);
  }

  private trouble(message: string): void {
    if (message === this.lastTrouble) return;
    this.lastTrouble = message;
    this.options.onTrouble(message);
  }
}
