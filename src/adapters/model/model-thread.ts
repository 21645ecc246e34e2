/**
 * A model package in a thread of its own. While it computes, the daemon's thread reads, writes and answers; and however slow or
 * broken the model is, nothing else hangs. What is asked is answered in order.
 *
 * It costs some megabytes. A computer that lacks them goes without (`modelThread: false`), and decides the same.
 */
import { Worker } from 'node:worker_threads';
import type { ModelPackage } from '../../config/load-manifest';
import { describeError, FdirError, type Problem } from '../../domain/errors';
import type { Manifest } from '../../domain/manifest';
import type { Inference } from '../../domain/scored-window';
import type { ImpliedWindow, Scorer } from '../../pipeline/ports';

/** A package as it is sent to the thread. */
export interface ThreadedPackage extends Pick<ModelPackage, 'folder' | 'manifest'> {
  readonly graph: Uint8Array;
  /** How much the thread gives way to others where a core is short; as in `nice`. */
  readonly nice: number;
}

export type ModelQuestion =
  | { readonly kind: 'score' | 'implied'; readonly windows: Float32Array; readonly n: number }
  | {
      readonly kind: 'smallestSet';
      readonly values: Float32Array;
      readonly expected: Float32Array;
      readonly rows: readonly number[];
    };

export type ModelAsked = ModelQuestion & { readonly id: number };

export type ModelAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string; readonly problems: readonly Problem[] }
  | { readonly kind: 'answered'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

interface Waiting {
  readonly id: number;
  /** What the thread says is what `answer` in compose/model-worker.ts made of the question. */
  resolve(value: never): void;
  reject(error: Error): void;
}

export interface ModelThreadOptions {
  /** The compiled program of the thread. */
  readonly file: string;
  /** What the package is called in messages: `model`, `shadow`. */
  readonly name: string;
  /** With the threshold that is wanted; the package's own unless told otherwise. */
  readonly manifest?: Manifest | undefined;
  readonly nice?: number;
  /** A thread that says nothing for so long while it is asked hangs, and is ended; milliseconds. */
  readonly patienceMs?: number;
  /** Ends a thread that is still starting: the process could not end before it. */
  readonly signal?: AbortSignal | undefined;
}

/** Beside the graph itself, which is outside the heap. At the bound the thread ends, and not the daemon. */
const MAX_HEAP_MB = 128;
/** Objects of a moment are few here: what is computed lies outside the heap. */
const MAX_YOUNG_MB = 1;
const PATIENCE_MS = 30_000;

class ModelThread implements Scorer {
  private readonly waiting: Waiting[] = [];
  private id = 0;
  private over: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly manifest: Manifest,
    private readonly worker: Worker,
    private readonly name: string,
    private readonly patienceMs: number,
  ) {
    worker.on('message', (answer: ModelAnswer) => {
      if (answer.kind === 'answered') this.settle(answer.id)?.resolve(answer.value as never);
      else if (answer.kind === 'failed') this.settle(answer.id)?.reject(new Error(answer.message));
    });
    worker.on('error', (error: unknown) => {
      this.end(describeError(error));
    });
    worker.once('exit', () => {
      this.end('the thread ended');
    });
  }

  get isOver(): boolean {
    return this.over !== undefined;
  }

  score(windows: Float32Array, n: number): Promise<readonly Inference[]> {
    return this.ask({ kind: 'score', windows, n });
  }

  implied(windows: Float32Array, n: number): Promise<readonly ImpliedWindow[]> {
    return this.ask({ kind: 'implied', windows, n });
  }

  smallestSet(values: Float32Array, expected: Float32Array, rows: readonly number[]): Promise<readonly number[]> {
    return this.ask({ kind: 'smallestSet', values, expected, rows });
  }

  async close(): Promise<void> {
    this.end('it was stopped');
    await this.worker.terminate();
  }

  private ask<T>(question: ModelQuestion): Promise<T> {
    const { over } = this;
    if (over !== undefined) return Promise.reject(new Error(`the ${this.name}'s thread is gone: ${over}`));
    return new Promise<T>((resolve, reject) => {
      this.id += 1;
      this.waiting.push({ id: this.id, resolve, reject });
      if (this.waiting.length === 1) this.watch();
      this.worker.postMessage({ ...question, id: this.id } satisfies ModelAsked);
    });
  }

  private watch(): void {
    this.timer = setTimeout(() => {
      this.end(`no answer in ${String(this.patienceMs / 1000)} s`);
      void this.worker.terminate();
    }, this.patienceMs).unref();
  }

  private settle(id: number): Waiting | undefined {
    clearTimeout(this.timer);
    const index = this.waiting.findIndex((item) => item.id === id);
    const [found] = index < 0 ? [] : this.waiting.splice(index, 1);
    if (this.waiting.length > 0) this.watch();
    return found;
  }

  private end(reason: string): void {
    this.over ??= reason;
    clearTimeout(this.timer);
    for (const { reject } of this.waiting.splice(0)) reject(new Error(this.over));
  }
}

/** Starts a package, proven on its golden vector. @throws FdirError `model` when it does not run; the reason of the signal. */
export const startModelThread = async (
  { folder, manifest: fitted, readGraph }: ModelPackage,
  { file, name, manifest = fitted, nice = 0, patienceMs = PATIENCE_MS, signal }: ModelThreadOptions,
): Promise<ModelThread> => {
  signal?.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const worker = new Worker(file, {
    workerData: { folder, manifest, graph: readGraph(), nice } satisfies ThreadedPackage,
    name,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: MAX_YOUNG_MB },
  });
  await new Promise<void>((resolve, reject) => {
    onAbort = () => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort);
    const refuse = (message: string, problems: readonly Problem[] = []): void => {
      reject(new FdirError('model', message, problems));
    };
    worker.once('error', (error: unknown) => {
      refuse(`the ${name} ${folder} broke: ${describeError(error)}`);
    });
    worker.once('exit', () => {
      refuse(`the ${name} ${folder} ended while it started`);
    });
    worker.once('message', (answer: ModelAnswer) => {
      if (answer.kind === 'ready') resolve();
      else if (answer.kind === 'refused') refuse(answer.message, answer.problems);
      else refuse(`the ${name} ${folder} speaks out of turn`);
    });
  })
    .catch(async (error: unknown) => {
      await worker.terminate();
      throw error;
    })
    .finally(() => {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    });
  return new ModelThread(manifest, worker, name, patienceMs);
};

/**
 * A thread that is started again when it ended: whoever asks then waits for it, and the one who was waiting is told what happened.
 * @throws FdirError `model` when the package does not run.
 */
export const keepModelThread = async (model: ModelPackage, options: ModelThreadOptions): Promise<Scorer> => {
  const first = await startModelThread(model, options);
  let current = Promise.resolve(first);
  let isClosed = false;
  const thread = async (): Promise<ModelThread> => {
    const last = current;
    // One that could not be started is tried again too.
    const isGone = await last.then(
      ({ isOver }) => isOver,
      () => true,
    );
    // Whoever asked meanwhile may have started it already.
    if (isGone && current === last && !isClosed) current = startModelThread(model, options);
    return current;
  };
  return {
    manifest: first.manifest,
    score: async (windows, n) => (await thread()).score(windows, n),
    implied: async (windows, n) => (await thread()).implied(windows, n),
    smallestSet: async (values, expected, rows) => (await thread()).smallestSet(values, expected, rows),
    close: async () => {
      isClosed = true;
      const last = await current.catch(() => undefined);
      await last?.close();
    },
  };
};
