/** Hours that a package was adapted on: nothing is said about them, and people are told so. */
import { isNotYetJudged, notYetJudged } from '../../src/core/not-yet-judged';
import { healthOf } from '../../src/core/health';
import { emptyTally, summaryOf, tally } from '../../src/core/tally';
import { renderStatus } from '../../src/commands/render/status';
import type { Manifest } from '../../src/domain/manifest';
import { T0 } from '../support/tiny-mission';

const adapted: NonNullable<Manifest['adapted']> = {
  from: { id: 'sat-1', sha256: 'a'.repeat(64), spacecraft: 'SAT-1' },
  passes: [],
  hours: 3,
  judgesFrom: '2026-03-01T03:00:00Z',
  raised: 0,
  tool: 'fdir',
};
const UNTIL = Date.parse(adapted.judgesFrom);

test('a window that ends with those hours is not judged, the next one is, and a package that was not adapted judges all', () => {
  expect([UNTIL, UNTIL + 1].map((end) => isNotYetJudged({ adapted }, end))).toEqual([true, false]);
  expect(isNotYetJudged({}, T0)).toBe(false);
});

test('the state holds before the first frame and until packet time has passed those hours', () => {
  const state = { state: 'not-yet-judged', until: adapted.judgesFrom };
  expect([undefined, T0, UNTIL, UNTIL + 1].map((time) => notYetJudged({ adapted }, time))).toEqual([
    state,
    state,
    state,
    undefined,
  ]);
  expect(notYetJudged(undefined, T0)).toBeUndefined();
});

test('health and its page in the terminal say so, and the count is part of the summary', () => {
  const step = { frames: 4, windows: 2, unscored: 2, notYetJudged: 2, drops: [], events: [] };
  const counted = tally(tally(emptyTally, step), { ...step, notYetJudged: undefined });
  expect(summaryOf(counted)).toMatchObject({ windows: 4, unscored: 4, notYetJudged: 2 });
  const health = healthOf({
    ...{ now: T0, startedAt: T0, state: 'online', mode: 'active', impaired: [], reasons: [], tally: counted },
    ...{ lastMessageAt: T0, lastPacketTime: T0, model: { id: 'sat-2', adapted }, protocol: '5' },
  });
  expect(health).toMatchObject({
    model: 'sat-2',
    notYetJudged: 2,
    judgement: { state: 'not-yet-judged', until: adapted.judgesFrom },
  });
  const lines = renderStatus({ spacecraft: 'SAT-2', state: 'online', health, supervision: undefined } as never);
  expect(lines.find((line) => line.includes('not yet judged'))).toContain(
    'not yet judged: the model was adapted on telemetry up to 2026-03-01T03:00:00Z',
  );
});
