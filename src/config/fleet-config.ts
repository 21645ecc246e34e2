/** The `fleet` and `store` sections of `fdir.yaml` (CONTRACTS section 10): many spacecraft in one process, or in several. */
import { z } from 'zod';
import { credentialName, secretFile } from '../domain/secret';
import { positiveDurationMs } from '../domain/units';

/** More than this are several fleets: topics, sessions and pages are made for so many. */
const MAX_SPACECRAFT = 10_000;
const MAX_PARTITIONS = 1024;
/** Shorter, and a slow commit would lose the partition; longer, and a dead worker is missed for long. */
const LEASE = { least: 1000, most: 300_000 };

/** One level of a topic, and part of an id: nothing that MQTT or the log reads otherwise. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Topics of the workers lie there. */
const RESERVED = 'fleet';
const NAME_RULE = 'has letters, digits, "-" and "_", at most 64 of them';

/** `SAT-{001..600}`: a prefix, a range of numbers with as many digits as the first one, a suffix. */
const PATTERN = /^([^{}]*)\{(\d{1,6})\.\.(\d{1,6})\}([^{}]*)$/;

/** The names that a pattern stands for, in order; undefined when it is no pattern. */
export const expandPattern = (pattern: string): readonly string[] | undefined => {
  const [, before = '', first = '', last = '', after = ''] = PATTERN.exec(pattern) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || to < from || to - from >= MAX_SPACECRAFT) return undefined;
  return Array.from(
    { length: to - from + 1 },
    (_, index) => `${before}${String(from + index).padStart(first.length, '0')}${after}`,
  );
};

const spacecraftName = z
  .string()
  .regex(NAME, `a spacecraft's name ${NAME_RULE}`)
  .refine((name) => name !== RESERVED, `"${RESERVED}" is where the workers speak: give the spacecraft another name`);

const patternSchema = z.strictObject({
  pattern: z.string().superRefine((pattern, context) => {
    const names = expandPattern(pattern);
    if (names === undefined)
      context.addIssue({
        code: 'custom',
        message: `"${pattern}" is no pattern such as SAT-{001..600}, of at most ${String(MAX_SPACECRAFT)} spacecraft`,
      });
    else if (!names.every((name) => spacecraftName.safeParse(name).success))
      context.addIssue({ code: 'custom', message: `"${pattern}" gives names that are none: a name ${NAME_RULE}` });
  }),
});

/** Whatever way they are given, the names. */
export const spacecraftOf = (given: FleetMember['spacecraft']): readonly string[] =>
  'pattern' in given ? (expandPattern(given.pattern) ?? []) : given;

const memberSchema = z
  .strictObject({
    mission: z.string().min(1),
    model: z.string().min(1).optional(),
    rules: z.array(z.string().min(1)).readonly().default([]),
    spacecraft: z.union([z.array(spacecraftName).min(1).readonly(), patternSchema], {
      error: 'must be a list of names, or { pattern: "SAT-{001..600}" }',
    }),
  })
  .readonly();

export type FleetMember = z.infer<typeof memberSchema>;

export const fleetSchema = z
  .strictObject({
    members: z.array(memberSchema).min(1, 'must name a member').max(100).readonly(),
    /** How many parts the fleet is split into where several workers share it. */
    partitions: z.int().min(1).max(MAX_PARTITIONS).default(64),
    /** Left out: host name and process id. */
    worker: z.string().regex(NAME, `a worker's name ${NAME_RULE}`).optional(),
    /** A worker that is not heard of for so long has lost its partitions. */
    lease: positiveDurationMs
      .refine((ms) => ms >= LEASE.least && ms <= LEASE.most, 'must be from 1s to 5m')
      .prefault('5s'),
  })
  .superRefine(({ members }, context) => {
    const seen = new Map<string, number>();
    members.forEach((member, index) => {
      for (const name of spacecraftOf(member.spacecraft)) {
        const before = seen.get(name);
        if (before === undefined) seen.set(name, index);
        else {
          const message = `${name} is named twice: in member ${String(before + 1)} and in member ${String(index + 1)}`;
          context.addIssue({ code: 'custom', path: ['members', index, 'spacecraft'], message });
          return;
        }
      }
    });
    if (seen.size > MAX_SPACECRAFT)
      context.addIssue({
        code: 'custom',
        path: ['members'],
        message: `${String(seen.size)} spacecraft are more than the ${String(MAX_SPACECRAFT)} that one fleet takes`,
      });
  })
  .readonly();

export type FleetConfig = z.infer<typeof fleetSchema>;

const URL_RULE = 'must be a URL such as postgresql://fdir@127.0.0.1:5432/fdir';

export const storeSchema = z
  .strictObject({
    postgres: z
      .strictObject({
        url: z
          .string()
          .regex(/^postgres(ql)?:\/\/[^/]+\/[^/]+$/, URL_RULE)
          .refine(
            (url) => !/^[a-z]+:\/\/[^/@]*:[^/@]*@/.test(url),
            'must not carry a password, which process lists and logs would show: set passwordFile',
          ),
        /** A path, or a credential of systemd. */
        passwordFile: z.union([secretFile, z.strictObject({ credential: credentialName })]).optional(),
        /** Certificates of the authorities that may vouch for the server (PEM); given, the connection is encrypted and checked. */
        ca: z.string().min(1).optional(),
      })
      .readonly(),
  })
  .readonly();

export type StoreConfig = z.infer<typeof storeSchema>;
