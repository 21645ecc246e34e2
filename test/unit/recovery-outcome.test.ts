import { outcomeOf } from '../../src/bench/recovery-outcome';
import type { Fault } from '../../src/simulate/faults';

const fault: Fault = { kind: 'friction-rise', wheel: 2, start: Date.UTC(2026, 2, 1), durationMs: 60_000, severity: 1 };

const asked = (command: string, wheel?: string, authority: 'automatic' | 'confirm' | 'advise' = 'automatic') => ({
  command,
  arguments: wheel === undefined ? { assembly: 'rwa' } : { wheel },
  time: '2026-03-01T00:02:40.000Z',
  authority: { asked: authority, granted: authority, reason: '' },
  disposition: authority === 'automatic' ? ('request' as const) : ('waiting' as const),
});
const limit = asked('LIMIT_WHEEL_SPEED', 'rw2');
const call = asked('REQUEST_GROUND_ASSESSMENT');

describe('what became of a simulated fault', () => {
  it.each([
    ['nothing was asked for', [], 'unanswered', undefined],
    ['people were called', [call], 'called', undefined],
    ['the cure, whoever was called besides', [call, limit], 'cured', 160_000],
    [
      'the cure to another wheel, whatever was right besides',
      [limit, asked('LIMIT_WHEEL_SPEED', 'rw1')],
      'otherWheel',
      160_000,
    ],
    ['a command that is for another fault', [asked('SWITCH_WHEEL_DRIVE', 'rw2'), call], 'otherCommand', undefined],
    ['a command to no wheel', [limit, asked('RESET_WHEEL_INTERFACE', undefined, 'confirm')], 'otherWheel', 160_000],
    [
      'the cure, and advice that contradicts it later',
      [limit, asked('LIFT_WHEEL_SPEED_LIMIT', 'rw2', 'advise')],
      'cured',
      160_000,
    ],
    ['the cure as advice only', [asked('LIMIT_WHEEL_SPEED', 'rw2', 'advise')], 'called', undefined],
  ])('%s', (_, actions, outcome, delayMs) => {
    expect(outcomeOf(fault, actions)).toMatchObject({ outcome, delayMs });
  });

  it('a cure that waits or is only recorded does not leave', () => {
    expect(outcomeOf(fault, [limit])).toMatchObject({ outcome: 'cured', left: true });
    for (const disposition of ['waiting', 'passive'] as const)
      expect(outcomeOf(fault, [{ ...limit, disposition }])).toMatchObject({ outcome: 'cured', left: false });
  });
});
