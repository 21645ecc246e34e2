/** What the thread of a model runs: its package, one question after another. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { ModelAnswer, ModelAsked, ModelQuestion, ThreadedPackage } from '../adapters/model/model-thread';
import { createOnnxScorer } from '../adapters/model/onnx-scorer';
import { describeError, FdirError } from '../domain/errors';
import type { Scorer } from '../pipeline/ports';
import { smallestSet } from '../pipeline/counterfactual';

const port = parentPort;
if (port === null) throw new Error('this is run in a thread of the daemon');
const reply = (answer: ModelAnswer): void => {
  port.postMessage(answer);
};
const { graph, nice, ...rest } = workerData as ThreadedPackage;
// In Linux it is the thread's own.
if (nice !== 0 && process.platform === 'linux') setPriority(0, nice);

const answer = (scorer: Scorer, asked: ModelQuestion): Promise<unknown> => {
  switch (asked.kind) {
    case 'score':
      return scorer.score(asked.windows, asked.n);
    case 'implied':
      return scorer.implied(asked.windows, asked.n);
    case 'smallestSet':
      return smallestSet(scorer, asked.values, asked.expected, asked.rows);
  }
};

const refuse = (error: unknown): void => {
  if (error instanceof FdirError) reply({ kind: 'refused', message: error.message, problems: error.problems });
  else reply({ kind: 'refused', message: describeError(error), problems: [] });
};

createOnnxScorer({ ...rest, readGraph: () => graph })
  .then((scorer) => {
    // One after the other: a counterfactual is many inferences, and what is asked meanwhile waits its turn.
    let last: Promise<void> = Promise.resolve();
    port.on('message', ({ id, ...asked }: ModelAsked) => {
      last = last.then(async () => {
        try {
          reply({ kind: 'answered', id, value: await answer(scorer, asked as ModelQuestion) });
        } catch (error) {
          reply({ kind: 'failed', id, message: describeError(error) });
        }
      });
    });
    reply({ kind: 'ready' });
  })
  .catch(refuse);
