/**
 * What the judgement remembers, as bytes and back. Every part says what it is about (mission, model, rules): a part about others
 * is not gone on with. The bytes are V8's structured clone. It keeps typed arrays, NaN and the infinities, and later versions of
 * Node read it too. What comes out of it is validated before it is used.
 */
import { describeError } from '../../domain/errors';
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { planChecks } from '../../core/monitoring/limit-checks';
import { initialMatcher } from '../../core/rules/match-rules';
import { initialMonitoring } from '../../core/monitoring/monitor';
import type { MonitoringPlan } from '../../core/monitoring/plan';
import { statusesOf } from '../../core/monitoring/statuses';
import type { ObserverState } from '../../core/rules/observe';
import type { ResponseState } from '../../core/response/response';
import type { ResumableResponse } from '../../core/response/resume-response';
import type { RuleProgram } from '../../core/rules/rule-program';
import type { Manifest } from '../../domain/manifest';
import type { Mission } from '../../domain/mission';
import type { Memory, ResumedMemory } from '../../pipeline/memory';
import {
  absenceSchema,
  anomaliesSchema,
  checksSchema,
  framesSchema,
  observerSchema,
  packetsSchema,
  recentSchema,
  responseSchema,
  seenSchema,
  tallySchema,
  telecommandsSchema,
  windowsSchema,
  type Sizes,
} from './checkpoint-schema';

/** Of the form of the parts: raised whenever one changes, and an older checkpoint is then not gone on with. */
export const CHECKPOINT_VERSION = 1;

export type PartName = keyof Memory;

/** What a checkpoint is about. */
export interface Basis {
  readonly mission: string;
  readonly model: string;
  readonly rules: string;
}

export interface StoredPart {
  readonly part: string;
  readonly basis: string;
  readonly value: Uint8Array;
}

/** What each part depends on: with another mission there are other parameters, with another model other scores. */
const DEPENDS: Readonly<Record<PartName, readonly (keyof Basis)[]>> = {
  seen: [],
  tally: [],
  packets: [],
  olderPackets: [],
  frames: ['mission'],
  telecommands: [],
  checks: ['mission'],
  absence: ['mission'],
  windows: ['mission'],
  recent: ['mission'],
  anomalies: ['mission', 'model'],
  observer: ['mission', 'model'],
  response: ['mission', 'model'],
};

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

export const basisOf = (mission: Mission, manifest: Manifest | undefined, rules: string): Basis => ({
  mission: sha256(mission),
  // Thresholds may come from the alarm budget of the configuration.
  model: manifest === undefined ? '' : sha256([manifest.sha256, manifest.calibration]),
  rules,
});

const basisTextOf = (part: PartName, basis: Basis): string =>
  [String(CHECKPOINT_VERSION), ...DEPENDS[part].map((name) => `${name} ${basis[name]}`)].join(', ');

const plainResponse = ({
  program,
  matcher,
  anchor,
  situation,
  supervisor,
  alarms,
}: ResponseState): ResumableResponse & AboutRules => ({
  rules: program?.sha256 ?? '',
  matcher,
  anchor,
  situation,
  time: supervisor.time,
  recoveries: supervisor.recoveries.map(({ id }) => id),
  alarms: alarms.alarms.map(({ name }) => name),
});

/** Monitoring and matching are about the rules; the rest of their parts is not. */
interface AboutRules {
  readonly rules: string;
}

/** The part as plain data: no maps, nothing compiled, nothing that the ledger keeps. */
const plainOf = (part: PartName, memory: Partial<Memory>, { rules }: Basis): unknown => {
  const { frames, observer, response } = memory;
  if (part === 'frames' && frames !== undefined) return { ...frames, open: [...frames.open] };
  if (part === 'observer' && observer !== undefined)
    return { ...observer, latest: [...observer.latest.values()], rules };
  if (part === 'response' && response !== undefined) return plainResponse(response);
  return memory[part];
};

/** SQLite does not notice a byte that the disk has changed, and a state that is nearly right is worse than none. */
const withSum = (basis: string, value: Uint8Array): string => `${basis}; ${crc32(value).toString(16)}`;

export const packPart = (part: PartName, memory: Partial<Memory>, basis: Basis): StoredPart => {
  const value = serialize(plainOf(part, memory, basis));
  return { part, basis: withSum(basisTextOf(part, basis), value), value };
};

/** What is restored, and what was there and is not gone on with, each with its reason. */
export interface RestoredCheckpoint {
  readonly resumed: ResumedMemory;
  readonly refused: readonly { readonly part: string; readonly reason: string }[];
}

const sizesOf = ({ parameters, sampling }: Mission, checks: number): Sizes => ({
  parameters: parameters.length,
  window: sampling.window,
  checks,
});

export interface CheckpointSubject {
  readonly mission: Mission;
  readonly manifest: Manifest | undefined;
  readonly program: RuleProgram | undefined;
}

export const unpack = (
  stored: readonly StoredPart[],
  { mission, manifest, program }: CheckpointSubject,
): RestoredCheckpoint => {
  const basis = basisOf(mission, manifest, program?.sha256 ?? '');
  const sizes = sizesOf(mission, planChecks(mission).checks.length);
  const refused: { part: string; reason: string }[] = [];
  const read = <T>(part: PartName, schema: z.ZodType<T>): T | undefined => {
    const found = stored.find((item) => item.part === part);
    if (found === undefined) return undefined;
    const wanted = basisTextOf(part, basis);
    const [about = ''] = found.basis.split('; ');
    if (found.basis !== withSum(about, found.value)) {
      refused.push({ part, reason: 'it is damaged' });
      return undefined;
    }
    if (about !== wanted) {
      const now = wanted.split(', ');
      const others = about.split(', ').filter((text) => !now.includes(text));
      const what = others.map((text) => (/^\d+$/.test(text) ? 'version of fdir' : text.split(' ')[0])).join(', ');
      refused.push({ part, reason: `it is about another ${what}` });
      return undefined;
    }
    try {
      const parsed = schema.safeParse(deserialize(found.value));
      if (parsed.success) return parsed.data;
      refused.push({ part, reason: z.prettifyError(parsed.error).slice(0, 500) });
    } catch (error) {
      refused.push({ part, reason: describeError(error) });
    }
    return undefined;
  };
  const frames = read('frames', framesSchema(sizes));
  const observer = read('observer', observerSchema);
  const response = read('response', responseSchema);
  for (const [part, found] of Object.entries({ observer, response })) {
    if (found !== undefined && found.rules !== basis.rules)
      refused.push({ part, reason: 'its monitoring and matching are about other rules' });
  }
  const parts = {
    seen: read('seen', seenSchema),
    tally: read('tally', tallySchema),
    frames: frames && {
      ...frames,
      heardAt: undefined,
      next: frames.next,
      suspect: frames.suspect,
      open: new Map(frames.open),
      behind: frames.behind.map((item) => ({ ...item, receivedAt: item.receivedAt })),
    },
    packets: read('packets', packetsSchema),
    olderPackets: read('olderPackets', packetsSchema),
    telecommands: read('telecommands', telecommandsSchema),
    checks: read('checks', checksSchema(sizes)),
    absence: read('absence', absenceSchema(sizes)),
    windows: read('windows', windowsSchema(sizes)),
    recent: read('recent', recentSchema(sizes)),
    anomalies: read('anomalies', anomaliesSchema(sizes)),
    observer: observer && observerOf(observer, basis, program?.monitoring ?? NOTHING_MONITORED),
    response: response && { ...response, ...(response.rules !== basis.rules && { matcher: initialMatcher }) },
  };
  const resumed: ResumedMemory = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return { resumed, refused };
};

type StoredObserver = z.infer<typeof observerSchema>;

const NOTHING_MONITORED: MonitoringPlan = { monitors: [], functional: [] };

/** With other rules the monitoring begins anew, and the spacecraft is still the same. */
const observerOf = (stored: StoredObserver, basis: Basis, plan: MonitoringPlan): ObserverState => {
  const { latest, rules, mode, isDegraded, early } = stored;
  const kept = stored as unknown as Pick<ObserverState, 'monitoring' | 'situation'>;
  const isSame =
    rules === basis.rules &&
    kept.monitoring.monitors.length === plan.monitors.length &&
    kept.monitoring.functional.length === plan.functional.length;
  const monitoring = isSame ? kept.monitoring : initialMonitoring(plan);
  return {
    monitoring,
    mode: { current: mode.current, ahead: mode.ahead, late: mode.late },
    situation: { ...kept.situation, monitors: statusesOf(plan, monitoring) },
    latest: new Map(latest.map((explanation) => [explanation.id, explanation])),
    isDegraded,
    ...(early.length > 0 && { early }),
  };
};
