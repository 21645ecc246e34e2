/** What needs a person, and what is called out: on the page's own overview. */
import type { Overview } from '../../src/console/api/overview';
import { missionTimeAt } from '../../src/console/page/clock';
import { callsOf, needsOf, newCalls } from '../../src/console/page/needs';
import type { Alarm } from '../../src/domain/alarm';
import { isoTime } from '../../src/domain/units';
import { T0 } from '../support/tiny-mission';

const alarm = (name: string, more: Partial<Alarm> = {}): Alarm =>
  ({
    name,
    sequence: 1,
    state: 'triggered',
    severity: 'high',
    title: `${name} is up`,
    explanationId: null,
    shelved: null,
    acknowledged: null,
    ...more,
  }) as Alarm;
const recovery = (id: string, state: string) =>
  ({ id, state, ruleTitle: 'Switch off the wheel', equipment: 'rw1' }) as Overview['recoveries'][number];
const view = (alarms: readonly Alarm[], recoveries: readonly Overview['recoveries'][number][] = []): Overview =>
  ({ alarms, recoveries }) as unknown as Overview;

const shelved = { by: 'ann', until: isoTime(T0), reason: 'known' } as Alarm['shelved'];
const acknowledged = { by: 'ann', comment: '' } as Alarm['acknowledged'];

test('what waits for a decision comes first; who was acknowledged, shelved or is not sure yet needs nobody', () => {
  const all = view(
    [
      alarm('up'),
      alarm('back', { state: 'returned' }),
      alarm('taken', { state: 'acknowledged', acknowledged }),
      alarm('aside', { shelved }),
      alarm('unsure', { state: 'pending' }),
    ],
    [recovery('sent', 'sent'), recovery('asks', 'waiting')],
  );
  expect(needsOf(all).map(({ key }) => key)).toEqual(['asks', 'up 1', 'back 1']);
});

test('decisions and grave alarms are called out, once each, and nothing that stood when the page was opened', () => {
  const before = view([alarm('old')]);
  const now = view([alarm('old'), alarm('new'), alarm('small', { severity: 'low' })], [recovery('asks', 'waiting')]);
  expect(newCalls(null, now)).toEqual([]);
  expect(newCalls(before, now)).toEqual([
    { key: 'asks', title: 'A recovery waits for a decision', text: 'Switch off the wheel on rw1' },
    { key: 'new 1', title: 'new is up', text: 'new is up' },
  ]);
  expect(newCalls(now, now)).toEqual([]);
  expect(callsOf(view([alarm('back', { state: 'returned' })]))).toEqual([]);
  // The same alarm again, after it was cleared, is another.
  expect(newCalls(now, view([alarm('new', { sequence: 2 })])).map(({ key }) => key)).toEqual(['new 2']);
});

test('a clock of the browser that is an hour off changes neither age nor expiry', () => {
  const pulse = { now: isoTime(T0 + 5000), lastMessageAt: isoTime(T0 + 3000), packetTime: isoTime(T0) };
  for (const off of [-3_600_000, 0, 3_600_000])
    expect(missionTimeAt(pulse as Overview['pulse'], T0 + off, T0 + off + 1000)).toBe(T0 + 3000);
});
