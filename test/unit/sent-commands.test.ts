import { commandPhrase, commandsOf, type NearCommands } from '../../src/core/anomaly/sent-commands';
import { missionSchema } from '../../src/domain/mission';

const T = Date.UTC(2026, 0, 1);
const sent = (seconds: number, name: string) => ({ time: T + seconds * 1000, name, arguments: {} });

const MISSION = missionSchema.parse({
  spacecraft: 'T',
  sampling: { period: '4s' },
  equipment: [{ id: 'c2' }, { id: 'c4' }],
  parameters: [
    { id: 'c2_rf', equipment: 'c2' },
    { id: 'c4_rf', equipment: 'c4' },
    { id: 'c4_sweep', equipment: 'c4', kind: 'event', command: { name: 'SWEEP' } },
  ],
  effects: [
    { command: 'FIRST', parameters: ['c2_rf'], within: '1h' },
    { command: 'SECOND', parameters: ['c4_rf'], within: '1h' },
  ],
});

const near = (equipment: string): NearCommands => ({
  ...{ windowMs: 64_000, lateMs: 12_000, concerning: commandsOf(MISSION, equipment) },
});

test('a telecommand concerns the equipment whose parameters it moves, or whose flag it sets', () => {
  expect([...commandsOf(MISSION, 'c4')]).toEqual(['SWEEP', 'SECOND']);
  expect([...commandsOf(MISSION, 'c2')]).toEqual(['FIRST']);
  expect(commandsOf(MISSION, 'unknown').size).toBe(0);
});

test('of telecommands of one second that of the accused equipment is told, and that there are more', () => {
  const both = [sent(20, 'FIRST'), sent(20, 'SECOND')];
  expect(commandPhrase(both, T, T + 60_000, near('c4'))).toBe(', with SECOND and 1 more sent at 00:00:20Z');
  expect(commandPhrase(both, T, T + 60_000, near('c2'))).toBe(', with FIRST and 1 more sent at 00:00:20Z');
  expect(commandPhrase(both, T + 60_000, T + 90_000, near('c2'))).toBe(', 40 s after FIRST and 1 more');
});

test('within one window before the start that of the accused equipment comes first, earlier ones do not', () => {
  const phrase = (seconds: number): string =>
    commandPhrase([sent(-seconds, 'FIRST'), sent(-10, 'SECOND')], T, T, near('c2'));
  expect([phrase(64), phrase(65)]).toEqual([', 64 s after FIRST', ', 10 s after SECOND']);
});

test('one that came as the anomaly began comes before one of some minutes ago', () => {
  const phrase = (seconds: number): string =>
    commandPhrase([sent(-200, 'X'), sent(seconds, 'Y')], T, T + 60_000, near('c4'));
  expect([phrase(12), phrase(13)]).toEqual([', with Y sent at 00:00:12Z', ', 3 min after X']);
});
