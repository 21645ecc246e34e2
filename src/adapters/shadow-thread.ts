/** A model package in a thread of its own, so that however slow or broken it is, the live path does not wait. */
import { Worker } from 'node:worker_threads';
import type { ModelPackage } from '../config/load-manifest';
import { FdirError } from '../domain/errors';
import type { Manifest } from '../domain/manifest';
import type { Inference } from '../domain/scored-window';
import type { ShadowScorer } from '../pipeline/shadow';

export interface ShadowAsked {
  readonly id: number;
  readonly values: Float32Array;
}

export type ShadowAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'scored'; readonly id: number; readonly inference: Inference | undefined }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

interface Waiting {
  resolve(inferences: readonly Inference[]): void;
  reject(error: Error): void;
}

/** Beside the graph itself, which is outside the heap. At the bound the thread ends, and not the daemon. */
const MAX_HEAP_MB = 128;
/** An inference that takes longer hangs: the thread is ended, and the shadow with it. */
const PATIENCE_MS = 30_000;

class ShadowThread implements ShadowScorer {
  private waiting: Waiting | undefined;
  private id = 0;
  private isOver = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly manifest: Manifest,
    private readonly worker: Worker,
    private readonly patienceMs: number,
  ) {
    worker.on('message', (answer: ShadowAnswer) => {
      if (answer.kind === 'scored')
        this.settle((waiting) => {
          waiting.resolve(answer.inference === undefined ? [] : [answer.inference]);
        });
      else if (answer.kind === 'failed')
        this.settle((waiting) => {
          waiting.reject(new Error(answer.message));
        });
    });
    worker.on('error', (error: unknown) => {
      this.end(error instanceof Error ? error.message : String(error));
    });
    worker.once('exit', () => {
      this.end('the thread ended');
    });
  }

  score(values: Float32Array): Promise<readonly Inference[]> {
    if (this.isOver !== '') return Promise.reject(new Error(`the shadow's thread is gone: ${this.isOver}`));
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.timer = setTimeout(() => {
        this.end(`no answer in ${String(this.patienceMs / 1000)} s`);
        void this.worker.terminate();
      }, this.patienceMs).unref();
      this.id += 1;
      this.worker.postMessage({ id: this.id, values } satisfies ShadowAsked);
    });
  }

  async close(): Promise<void> {
    this.end('it was stopped');
    await this.worker.terminate();
  }

  private settle(tell: (waiting: Waiting) => void): void {
    clearTimeout(this.timer);
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) tell(waiting);
  }

  private end(reason: string): void {
    if (this.isOver === '') this.isOver = reason;
    this.settle((waiting) => {
      waiting.reject(new Error(this.isOver));
    });
  }
}

/** A package as it is sent to the thread. */
export interface ShadowPackage extends Pick<ModelPackage, 'folder' | 'manifest'> {
  readonly graph: Uint8Array;
}

/** Starts a package, proven on its golden vector. @throws FdirError `model` when it does not run. */
export const startShadow = async (
  model: ModelPackage,
  file: string,
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): Promise<ShadowScorer> => {
  const worker = new Worker(file, {
    workerData: { folder: model.folder, manifest: model.manifest, graph: model.readGraph() } satisfies ShadowPackage,
    name: 'shadow',
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  await new Promise<void>((resolve, reject) => {
    const refuse = (message: string): void => {
      reject(new FdirError('model', message));
    };
    worker.once('error', (error: unknown) => {
      refuse(`the shadow ${model.folder} broke: ${error instanceof Error ? error.message : String(error)}`);
    });
    worker.once('exit', () => {
      refuse(`the shadow ${model.folder} ended while it started`);
    });
    worker.once('message', (answer: ShadowAnswer) => {
      if (answer.kind === 'ready') resolve();
      else refuse(answer.kind === 'refused' ? answer.message : 'the shadow speaks out of turn');
    });
  }).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return new ShadowThread(model.manifest, worker, patienceMs);
};
