/** What the shadow's thread runs: its model, one window after another. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createOnnxScorer } from './adapters/onnx-scorer';
import type { ShadowAnswer, ShadowAsked, ShadowPackage } from './adapters/shadow-thread';
import { describeError } from './domain/errors';

/** Nice: in Linux it is the thread's own, so that the pipeline goes first where a core is short. */
const NICE = 10;

const port = parentPort;
if (port === null) throw new Error('this is run in a thread of the daemon');
if (process.platform === 'linux') setPriority(0, NICE);
const say = (answer: ShadowAnswer): void => {
  port.postMessage(answer);
};
const { graph, ...rest } = workerData as ShadowPackage;

createOnnxScorer({ ...rest, readGraph: () => graph })
  .then((scorer) => {
    port.on('message', ({ id, values }: ShadowAsked) => {
      scorer.score(values, 1).then(
        ([inference]) => {
          say({ kind: 'scored', id, inference });
        },
        (error: unknown) => {
          say({ kind: 'failed', id, message: describeError(error) });
        },
      );
    });
    say({ kind: 'ready' });
  })
  .catch((error: unknown) => {
    say({ kind: 'refused', message: describeError(error) });
  });
