/** The sections `fleet` and `store` of fdir.yaml: patterns, names, and what is refused. */
import { daemonConfigSchema } from '../../src/config/daemon-config';
import { expandPattern, spacecraftOf } from '../../src/config/fleet-config';

const member = (spacecraft: unknown) => ({ mission: 'm.yaml', spacecraft });
const messagesOf = (given: unknown): readonly string[] => {
  const { error } = daemonConfigSchema.safeParse(given);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('a pattern counts with as many digits as its first number', () => {
  expect(expandPattern('SAT-{008..011}-B')).toEqual(['SAT-008-B', 'SAT-009-B', 'SAT-010-B', 'SAT-011-B']);
  expect(expandPattern('SAT-{600..001}')).toBeUndefined();
  expect(expandPattern('SAT-1')).toBeUndefined();
});

test('a fleet needs no mission at the top, and has defaults', () => {
  const { fleet } = daemonConfigSchema.parse({ fleet: { members: [member({ pattern: 'S{1..3}' })] } });
  expect(fleet).toMatchObject({ partitions: 64, lease: 5000 });
  expect(fleet?.members.map(({ spacecraft }) => spacecraftOf(spacecraft))).toEqual([['S1', 'S2', 'S3']]);
});

test.each([
  ['no mission and no fleet', {}, 'mission: is missing'],
  [
    'a mission and a fleet',
    { mission: 'm.yaml', fleet: { members: [member(['A'])] } },
    'mission: is left out with a fleet',
  ],
  ['a name that is no level of a topic', { fleet: { members: [member(['A/B'])] } }, 'fleet.members.0.spacecraft'],
  ['the name of the workers', { fleet: { members: [member(['fleet'])] } }, 'fleet.members.0.spacecraft'],
  [
    'a spacecraft in two members',
    { fleet: { members: [member(['A']), member(['B', 'A'])] } },
    'A is named twice: in member 1 and in member 2',
  ],
  [
    'a store without a fleet',
    { mission: 'm.yaml', store: { postgres: { url: 'postgresql://a@b/c' } } },
    'store: is for a fleet',
  ],
  [
    'a password in the URL',
    { fleet: { members: [member(['A'])] }, store: { postgres: { url: 'postgresql://a:secret@b/c' } } },
    'store.postgres.url: must not carry a password',
  ],
  [
    'a lease that is too short',
    { fleet: { members: [member(['A'])], lease: '100ms' } },
    'fleet.lease: must be from 1s to 5m',
  ],
])('%s is refused', (_, given, expected) => {
  expect(messagesOf(given).join('\n')).toContain(expected);
});

test.each([
  ['notify', { webhooks: [{ url: 'http://127.0.0.1:1/', secretFile: 's' }] }],
  ['yamcsApi', {}],
  ['openmct', true],
  ['history', { size: '1MB' }],
  ['console', { passes: 'passes' }],
])('%s, which is for one spacecraft, is refused', (key, value) => {
  const told = messagesOf({ fleet: { members: [member(['A'])] }, [key]: value });
  expect(told).toEqual([
    expect.stringMatching(new RegExp(`^${key}.*: is for one spacecraft: a fleet has none of it yet`)),
  ]);
});
