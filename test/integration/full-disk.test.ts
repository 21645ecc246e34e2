/** No recovery without a record: while the log has no room nothing leaves, and everything goes on where it was when there is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { merge, Subject, VirtualTimeScheduler } from 'rxjs';
import { openLog } from '../../src/adapters/log/sqlite-log';
import { composeJudge } from '../../src/compose/judgement';
import { raiseVitals } from '../../src/compose/self-alarms';
import { loadConfig } from '../../src/config/load-config';
import { daemonFlow } from '../../src/pipeline/daemon-flow';
import { Inbox } from '../../src/pipeline/inbox';
import type { Arrival, Diagnostics } from '../../src/pipeline/ports';
import { Vitals } from '../../src/pipeline/vitals';
import { withDelivery } from '../../src/pipeline/with-delivery';
import { arrival, fakeWorld, tinyFrame } from '../support/fake-world';
import { offsetOnWheel1, T0 } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace } from '../support/workspace';

test('a full disk: passive and an alarm at once, nothing leaves, and all of it when there is room', async () => {
  const work = await makeWorkspace();
  const folder = mkdtempSync(join(tmpdir(), 'fdir-full-'));
  const loaded = loadConfig(work.path('fdir.yaml'));
  const log = openLog(join(folder, 'log.db'), T0);
  const { mission, manifest, program } = loaded;
  log.resume({ mission, manifest, program });
  const { publisher, desk } = fakeWorld();
  const vitals = new Vitals('active');
  const states: string[] = [];
  vitals.state$.subscribe((state) => states.push(state));
  const said: string[] = [];
  const sent: string[] = [];
  const acknowledged: number[] = [];
  const told = {
    dropped: () => undefined,
    vital: (...what: Parameters<Diagnostics['vital']>) => void vitals.report(...what),
  };
  const clock = { now: () => T0, every: () => new Subject<number>() };
  const alarms = raiseVitals(told, vitals, clock);
  alarms.urgent$.subscribe(({ name, change }) => said.push(`${name} ${change}`));
  const composed = await composeJudge(loaded, alarms.diagnostics, { isAnswered: true });
  const scheduler = new VirtualTimeScheduler();
  const inbox = new Inbox({ overload: 'in-order' });
  const source = new Subject<Arrival>();
  merge(source, alarms.arrivals$).subscribe((item) => {
    inbox.put(item);
  });
  let judged = 0;
  daemonFlow({
    inbox,
    judge: composed.parts,
    record: { log, diagnostics: alarms.diagnostics, onFailure: 'hold', grouped: publisher, scheduler },
    deliver: withDelivery(publisher, { request: ({ id }) => sent.push(id) }, desk),
    onJudged: () => {
      judged += 1;
    },
  }).subscribe(({ acknowledge }) => {
    acknowledge();
  });
  const put = (second: number, more: Partial<Arrival> = {}): void => {
    const acknowledge = () => void acknowledged.push(second);
    source.next(
      arrival([tinyFrame(second, offsetOnWheel1(second))], { receivedAt: T0 + second * 1000, acknowledge, ...more }),
    );
  };
  put(0, { controls: [{ kind: 'link', isUp: true }] });
  for (let second = 1; second < 16; second += 1) put(second);
  await until('the first group', () => acknowledged.length === 16);
  log.limitPages(1);
  for (let second = 16; second < 36; second += 1) put(second);
  await until('the judgement of the rest, and of the alarm', () => judged >= 37);
  expect({ states, mode: vitals.mode, reasons: vitals.reasons, said, sent, acknowledged: acknowledged.length }).toEqual(
    {
      states: ['online', 'passive'],
      mode: 'passive',
      reasons: [expect.stringMatching(/^passive because the log cannot be written: .*full/) as string],
      said: ['daemon/log triggered'],
      sent: [],
      acknowledged: 16,
    },
  );
  log.limitPages(1_000_000);
  // The next attempt, and what waited behind it.
  scheduler.flush();
  await until('everything', () => acknowledged.length === 36);
  scheduler.flush();
  await until('the alarm to be recorded', () => log.ledger.listAlarms().some(({ name }) => name === 'daemon/log'));
  expect({ states, mode: vitals.mode, reasons: vitals.reasons, sent, acknowledged }).toEqual({
    states: ['online', 'passive', 'online'],
    mode: 'active',
    reasons: [],
    sent: ['TINY-1.2026-03-01T00:00:19Z.rw1.switch-wheel'],
    acknowledged: Array.from({ length: 36 }, (_, second) => second),
  });
  await composed.close();
  log.close();
  work.remove();
  rmSync(folder, { recursive: true });
});
