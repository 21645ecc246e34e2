/** Child processes that end with this one, however it ends: a bench that is interrupted leaves no daemon and no broker behind. */
import { constants } from 'node:os';
import type { ChildProcess } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const children = new Set<ChildProcess>();

const killAll = (): void => {
  for (const child of children) child.kill('SIGKILL');
};

/** Without a listener of ours the process would end by the signal, and `exit` would not be told. */
const leave = (signal: (typeof SIGNALS)[number]): void => {
  killAll();
  process.exit(128 + constants.signals[signal]);
};

/** Until it has ended by itself, which is noticed. */
export const endWithUs = (child: ChildProcess): void => {
  if (children.size === 0) {
    process.once('exit', killAll);
    for (const signal of SIGNALS) process.once(signal, leave);
  }
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size > 0) return;
    process.removeListener('exit', killAll);
    for (const signal of SIGNALS) process.removeListener(signal, leave);
  });
};
