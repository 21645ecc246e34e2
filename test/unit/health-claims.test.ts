/** Who another daemon is where the broker has no user properties: its health says so, and silence that it is gone. */
import { claimIn, HealthClaims } from '../../src/adapters/mqtt/health-claims';
import { healthOf } from '../../src/core/health';
import type { Claim } from '../../src/core/peers';
import { emptyTally } from '../../src/core/tally';
import { T0 } from '../support/tiny-mission';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const daemon = { instance: 'ground-1-0a1b2c3d', since: T0 + 123 };
const healthText = (mode = 'active', more: object = { daemon }): string =>
  JSON.stringify(
    healthOf({
      ...{ now: T0 + 5000, startedAt: daemon.since, state: mode === 'active' ? 'online' : 'passive', mode },
      ...{ impaired: [], reasons: [], tally: emptyTally, lastMessageAt: undefined, lastPacketTime: undefined },
      ...{ model: undefined, protocol: '3.1.1', ...more },
    }),
  );
const ACTIVE: Claim = { ...daemon, mode: 'active', state: 'online' };

test('a health message names its daemon; one of an older version, of a fleet, or none at all names nobody', () => {
  expect(claimIn(healthText())).toEqual(ACTIVE);
  for (const text of [healthText('active', {}), healthText('odd'), 'online', '{'])
    expect(claimIn(text)).toBeUndefined();
});

test('it is told once, again when it changes, and as gone after three intervals without a word', () => {
  const told: (readonly [Claim, boolean])[] = [];
  const claims = new HealthClaims((claim, isLive) => told.push([claim, isLive]));
  const news = (): unknown => told.splice(0);
  claims.take(healthText(), false);
  expect(news()).toEqual([[ACTIVE, false]]);
  for (let interval = 0; interval < 5; interval += 1) {
    claims.take(healthText(), true);
    jest.advanceTimersByTime(10_000);
  }
  expect(news()).toEqual([[ACTIVE, true]]);
  claims.take(healthText('passive'), true);
  expect(news()).toEqual([[{ ...ACTIVE, mode: 'passive', state: 'passive' }, true]]);
  jest.advanceTimersByTime(34_000);
  expect(news()).toEqual([]);
  jest.advanceTimersByTime(1000);
  expect(news()).toEqual([[{ ...ACTIVE, mode: 'passive', state: 'offline' }, true]]);
  claims.stop();
});

test('no more than sixteen are listened to', () => {
  let count = 0;
  const claims = new HealthClaims(() => (count += 1));
  for (let index = 0; index < 40; index += 1)
    claims.take(healthText('active', { daemon: { ...daemon, instance: `d-${String(index)}` } }), true);
  claims.stop();
  expect(count).toBe(16);
});
