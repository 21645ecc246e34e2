/** The time line of a log with a hundred thousand transitions: how long each filter takes, also where hardly anything passes. */
import { rmSync } from 'node:fs';
import { openLog, readLog, type FileReader } from '../adapters/log/sqlite-log';
import { createRandom } from '../core/random';
import type { CheckEvent, PipelineEvent } from '../domain/events';
import type { HistoryFilter } from '../domain/history';
import type { LedgerEntry } from '../domain/ledger';
import { isoTime } from '../domain/units';
import { makeAnomalies } from './made-anomalies';
import { BENCH_START, type Workshop } from './workshop';

const TRANSITIONS = Number(process.env['FDIR_BENCH_TRANSITIONS'] ?? 100_000);
/** For each so many transitions a step of an alarm, and an anomaly with what came of it. */
const PER_ALARM = 4;
const PER_ANOMALY = 20;
const SEED = 515;
const SPAN_MS = 365 * 86_400_000;
const AT_ONCE = 2000;
const ROWS = 101;

const alarmStep = (time: string, name: string, severity: 'medium' | 'low'): LedgerEntry => ({
  kind: 'alarm-step',
  record: { name, sequence: 1, time, change: 'triggered', state: 'triggered', severity, value: 1, by: '', note: '' },
});

/** Transitions, alarms, anomalies and recoveries over a year. What is rare stands at its beginning, where it is found last. */
const fill = (path: string, { loaded: { mission } }: Workshop): void => {
  const log = openLog(path, BENCH_START);
  const random = createRandom(SEED);
  let events: PipelineEvent[] = [];
  let ledger: LedgerEntry[] = [];
  const anomalies = makeAnomalies({
    ...{ mission, seed: SEED, start: BENCH_START, spanMs: SPAN_MS },
    count: Math.floor(TRANSITIONS / PER_ANOMALY),
  });
  for (let index = 0; index < TRANSITIONS; index += 1) {
    const time = isoTime(BENCH_START + Math.floor((index / TRANSITIONS) * SPAN_MS));
    const parameter = mission.parameters[Math.floor(random.uniform() * mission.parameters.length)];
    const isRare = index < 5;
    const check: CheckEvent = {
      ...{ type: 'check', time, parameter: isRare ? 'sun_angle' : (parameter?.id ?? ''), limit: 'critical' },
      ...{
        from: 'withinLimits',
        to: 'aboveHighLimit',
        value: Math.round(1e4 * random.uniform()),
        range: [-5200, 5200],
      },
    };
    events.push(check);
    if (index % PER_ALARM === 0) ledger.push(alarmStep(time, `check/${check.parameter}`, isRare ? 'low' : 'medium'));
    if (index % PER_ANOMALY === 0) {
      const made = anomalies.next();
      if (made.done !== true) {
        events.push(made.value.event);
        ledger.push(...made.value.ledger);
      }
    }
    if (events.length < AT_ONCE && index < TRANSITIONS - 1) continue;
    log.commit(events, ledger);
    [events, ledger] = [[], []];
  }
  log.close();
};

const FILTERS: readonly (readonly [string, HistoryFilter])[] = [
  ['none', {}],
  ['a month', { since: isoTime(BENCH_START), until: isoTime(BENCH_START + 30 * 86_400_000) }],
  ['equipment', { equipment: ['rw2'] }],
  ['a rare equipment', { equipment: ['sun'] }],
  ['severity', { severity: 'medium' }],
  ['a rare severity', { severity: 'low' }],
  ['fault', { fault: ['drift'] }],
  ['rule', { rule: 'rule-3' }],
  ['words', { text: 'rw2_speed_rpm critical' }],
  ['rare words', { text: 'sun_angle critical' }],
  ['words that stand nowhere', { text: 'no such thing' }],
  ['equipment and severity', { equipment: ['rw1'], severity: 'medium' }],
  ['orders', { kinds: ['order'] }],
];

const timesOf = (reader: FileReader): Readonly<Record<string, number>> =>
  Object.fromEntries(
    FILTERS.map(([name, filter]) => {
      const before = performance.now();
      reader.history(filter, ROWS);
      return [name, Number((performance.now() - before).toPrecision(3))];
    }),
  );

/** Milliseconds of each filter, of a log whose pages are warm. */
export const historyTimes = (workshop: Workshop) => {
  const path = workshop.path('history.db');
  workshop.report(`log: a time line of ${String(TRANSITIONS)} transitions`);
  fill(path, workshop);
  const reader = readLog(path);
  timesOf(reader);
  const ms = timesOf(reader);
  reader.close();
  rmSync(path, { force: true });
  return { transitions: TRANSITIONS, ms };
};
