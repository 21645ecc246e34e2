/**
 * What notifying receivers costs the pipeline, in commits of alarms a second. Four cases: no receiver, one that takes all, one that never
 * answers, and one that is not there. The commits and the senders share a thread, as in the daemon.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { EMPTY } from 'rxjs';
import { LastingLog } from '../adapters/log/lasting-log';
import { composeNotify, noNotifier, type Notifier } from '../compose/notify';
import { notifySchema } from '../config/notify-config';
import { initialAlarms } from '../core/alarms/alarm-book';
import { raise } from '../core/alarms/alarms';
import type { Workshop } from './workshop';

const ALARMS = 2000;
const START = Date.UTC(2026, 2, 1);

const listening = async (answers: boolean): Promise<Server> => {
  const server = createServer((request, response) => {
    request.resume();
    if (answers) request.on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

const urlOf = (server: Server): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

const measure = async ({ loaded, path }: Workshop, name: string, url: string | undefined): Promise<object> => {
  const log = new LastingLog(path(`notify-${name}.db`), { now: () => Date.now(), onSetAside: () => undefined });
  const notifier: Notifier =
    url === undefined
      ? noNotifier
      : composeNotify({
          config: notifySchema.parse({ alertmanager: { url } }),
          access: { alertmanager: { ca: undefined, authorization: undefined }, webhooks: [] },
          context: () => ({ mission: loaded.mission, page: undefined, reliability: [] }),
          log,
          clock: { now: () => Date.now(), every: () => EMPTY },
          diagnostics: { vital: () => undefined },
          note: () => undefined,
        });
  notifier.start();
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const begin = performance.now();
  for (let index = 0; index < ALARMS; index += 1) {
    const shape = { cause: 'warning', severity: 'medium', title: 'bench', isLatching: false, value: 1 } as const;
    const condition = { ...shape, status: 'violated', explanationId: null, time: START + index } as const;
    const { ledger } = raise(initialAlarms, { ...condition, name: `check/p${String(index)}` });
    const notices = notifier.noticesOf([{ events: [], ledger }]);
    log.commit([], ledger, { publications: [], notices, memory: undefined });
    notifier.wake();
    await turn();
  }
  const seconds = (performance.now() - begin) / 1000;
  delays.disable();
  const { waiting } = notifier.backlog;
  await notifier.stop();
  log.close();
  return {
    commitsPerSecond: Math.round(ALARMS / seconds),
    longestTurnMs: Math.round(delays.max / 1e5) / 10,
    waitingAtTheEnd: waiting,
  };
};

export const benchNotify = async (workshop: Workshop): Promise<object> => {
  const [good, silent] = [await listening(true), await listening(false)];
  try {
    workshop.report('notify');
    return {
      alarms: ALARMS,
      nobody: await measure(workshop, 'nobody', undefined),
      takesAll: await measure(workshop, 'takes-all', urlOf(good)),
      neverAnswers: await measure(workshop, 'never-answers', urlOf(silent)),
      // Nothing listens on the discard port of this machine.
      absent: await measure(workshop, 'absent', 'http://127.0.0.1:9'),
    };
  } finally {
    for (const server of [good, silent]) {
      server.closeAllConnections();
      server.close();
    }
  }
};
