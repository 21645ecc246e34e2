/** The example of the gateway: where exactly once is made. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const GATEWAY = pathToFileURL(join(__dirname, '../../systemd/gateway.mjs')).href;

/** What the gate says to each of the requests, in order; null: it passes. */
const verdictsOf = (requests: readonly object[], passed: readonly object[] = []): readonly (string | null)[] => {
  const code = `import { makeGate } from ${JSON.stringify(GATEWAY)};
    const gate = makeGate(${JSON.stringify(passed)});
    console.log(JSON.stringify(${JSON.stringify(requests)}.map((request) => gate.take(request) ?? null)));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as (string | null)[];
};

const request = (spacecraft: string, epoch: number, seq: number) => ({ spacecraft, epoch, seq });

test('a request passes once, whoever sends it again', () => {
  expect(verdictsOf([request('A', 1, 1), request('A', 1, 1), request('A', 2, 1), request('A', 2, 2)])).toEqual([
    null,
    'seq 1 was let through',
    'seq 1 was let through',
    null,
  ]);
});

test('a worker that lost its lease is refused, also with a number that is new', () => {
  expect(verdictsOf([request('A', 3, 1), request('A', 2, 2)])).toEqual([null, 'epoch 2 is past: 3 is the newest']);
});

test('spacecraft are told apart', () => {
  expect(verdictsOf([request('A', 3, 5), request('B', 1, 1)])).toEqual([null, null]);
});

test('what passed before a restart is known after it', () => {
  expect(verdictsOf([request('A', 1, 4), request('A', 1, 5)], [request('A', 1, 4)])).toEqual([
    'seq 4 was let through',
    null,
  ]);
});

test('a request that names neither is refused', () => {
  expect(verdictsOf([{ id: 'x' }])).toEqual(['it names no spacecraft, epoch and seq']);
});
