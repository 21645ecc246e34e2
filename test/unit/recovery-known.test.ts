import {
  SupervisorChange,
  initialSupervisor,
  MAX_KNOWN,
  type SupervisorEnv,
} from '../../src/core/recovery/supervisor-change';

const env = {} as SupervisorEnv;
const id = (number: number): string => `recovery-${String(number)}`;

test('recoveries that are over are known, the oldest forgotten, and a state that was left behind knows what it knew', () => {
  const before = { ...initialSupervisor, known: Array.from({ length: MAX_KNOWN }, (_, index) => id(index)) };
  const draft = new SupervisorChange(env, before);
  expect([draft.isKnown(id(0)), draft.isKnown(id(MAX_KNOWN))]).toEqual([true, false]);
  draft.know(id(MAX_KNOWN));
  expect([draft.isKnown(id(0)), draft.isKnown(id(1)), draft.isKnown(id(MAX_KNOWN))]).toEqual([false, true, true]);
  expect(draft.current.known.length).toBe(MAX_KNOWN);
  const other = new SupervisorChange(env, before);
  expect([other.isKnown(id(0)), other.isKnown(id(MAX_KNOWN))]).toEqual([true, false]);
});

test('an id that is told again outlives its first place in the list', () => {
  const known = [id(0), ...Array.from({ length: MAX_KNOWN - 2 }, (_, index) => id(index + 1)), id(0)];
  const draft = new SupervisorChange(env, { ...initialSupervisor, known });
  expect(draft.isKnown(id(0))).toBe(true);
  draft.know('next');
  expect(draft.isKnown(id(0))).toBe(true);
});
