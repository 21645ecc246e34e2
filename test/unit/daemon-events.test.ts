import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { lexer, type Tokens } from 'marked';
import { describeDaemonEvent, readEventRow } from '../../src/core/daemon-events';
import {
  daemonEventKinds,
  daemonEventSchema,
  eventSeverities,
  kindsFrom,
  loggedEventSchema,
  type DaemonEvent,
} from '../../src/domain/daemon-event';
import { damagedText } from '../support/mutations';

const TIME = '2026-03-01T04:12:08.250Z';
const row = (kind: string, detail: string) => ({ sequence: 7, run: 2, time: TIME, kind, detail });

const lost: DaemonEvent = {
  kind: 'session-lost',
  detail: { seconds: 12.5, telemetrySince: '2026-03-01T04:00:00Z' },
};

test('an event that was noted is read back with its severity and its sentence', () => {
  expect(readEventRow(row(lost.kind, JSON.stringify(lost.detail)))).toEqual({
    sequence: 7,
    run: 2,
    time: TIME,
    kind: 'session-lost',
    severity: 'error',
    sentence: 'the broker forgot the session: telemetry since 2026-03-01T04:00:00Z may be lost; it was away for 12.5 s',
    detail: lost.detail,
  });
});

test.each([
  ['state', 'degraded', 'the state is degraded', { state: 'degraded' }],
  ['console', 'the port is taken', 'console: the port is taken', { message: 'the port is taken' }],
  [
    'reloaded',
    'ann: 3 rules are loaded',
    'ann reloaded: 3 rules are loaded',
    { by: 'ann', message: '3 rules are loaded' },
  ],
])('the plain text that version 0.1 kept of %s is read', (kind, text, sentence, detail) => {
  expect(readEventRow(row(kind, text))).toMatchObject({ kind, sentence, detail });
});

test('a kind of a later version is told as it was written', () => {
  expect(readEventRow(row('moon-rise', '{"phase":1}'))).toMatchObject({
    kind: 'moon-rise',
    severity: 'info',
    sentence: 'moon-rise: {"phase":1}',
    detail: { phase: 1 },
  });
});

test('every kind is declared once', () => {
  expect(new Set(daemonEventKinds).size).toBe(daemonEventKinds.length);
  expect(daemonEventSchema.safeParse({ kind: 'state', detail: { state: 'asleep' } }).success).toBe(false);
});

test('whatever a row holds, it is told', () => {
  const kind = fc.oneof(fc.constantFrom<string>(...daemonEventKinds), fc.string());
  const detail = fc.oneof(fc.string(), fc.json(), damagedText(JSON.stringify(lost.detail)));
  fc.assert(
    fc.property(kind, detail, (name, text) => {
      const event = readEventRow(row(name, text));
      expect(loggedEventSchema.safeParse(event).success).toBe(true);
    }),
  );
});

test('a sentence names what happened', () => {
  expect(describeDaemonEvent({ kind: 'started', detail: { mode: 'active', model: null } })).toBe(
    'the daemon started in mode active, without a model',
  );
});

test('the reference table of OUTAGES.md holds every kind with its severity, its meaning and what to do', () => {
  const text = readFileSync(join(__dirname, '../../systemd/OUTAGES.md'), 'utf8');
  const table = lexer(text).find(
    (token): token is Tokens.Table => token.type === 'table' && (token as Tokens.Table).header[1]?.text === 'severity',
  );
  const rows = (table?.rows ?? []).map((cells) => cells.map((cell) => cell.text));
  const declared = daemonEventSchema.options.map(({ shape }) => [
    `\`${shape.kind.value}\``,
    shape.severity.parse(undefined),
  ]);
  expect(rows.map(([kind, severity]) => [kind, severity]).sort()).toEqual(declared.sort());
  expect(rows.filter(([, , meaning = '', advice = '']) => meaning.length < 10 || advice.length < 5)).toEqual([]);
});

test('a severity asks for the kinds of it, and of graver ones', () => {
  const [all, some, few] = eventSeverities.map(kindsFrom);
  expect(all).toEqual(daemonEventKinds);
  expect(some).toEqual(expect.arrayContaining(['link-down', 'log-gone']));
  expect(some).not.toContain('started');
  expect(few).toContain('log-gone');
  expect(few).not.toContain('link-down');
});
