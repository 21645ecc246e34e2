/** Anomalies as a long mission would have logged them: any number, seeded, with what comes of one. */
import { createRandom } from '../core/random';
import type { AnomalyEvent } from '../domain/events';
import type { LedgerEntry } from '../domain/ledger';
import { equipmentIds, type Mission } from '../domain/mission';
import { isoTime } from '../domain/units';

export interface SyntheticAnomaly {
  readonly event: AnomalyEvent;
  readonly ledger: readonly LedgerEntry[];
}

export interface MadeOptions {
  readonly mission: Mission;
  readonly count: number;
  readonly seed: number;
  readonly start: number;
  /** From the first to the last, milliseconds. */
  readonly spanMs: number;
}

export const MADE_FAULTS = [
  'offset',
  'step',
  'drift',
  'friction-rise',
  'torque-loss',
  'current-noise',
  'unknown',
] as const;
export const MADE_RULES = Array.from({ length: 12 }, (_, index) => `rule-${String(index)}`);
export const MADE_STATES = ['verified', 'recorded', 'expired', 'notVerified'] as const;
const WORDS = ['motor', 'current', 'bearing', 'temperature', 'torque', 'speed', 'above', 'below', 'suddenly', 'slowly'];
/** Shares of anomalies that a rule answers, that a person judged, that are open. */
const ANSWERED = 0.4;
const JUDGED = 0.1;
const OPEN = 0.001;

export const makeAnomalies = function* (options: MadeOptions): Generator<SyntheticAnomaly, void, undefined> {
  const { mission, count, seed, start: first, spanMs } = options;
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)] as T;
  const equipments = equipmentIds(mission);
  const { window, periodMs } = mission.sampling;
  const series = (): number[] => Array.from({ length: window }, () => Number((random.uniform() * 5000).toPrecision(6)));
  // One frame for many: making them is not what is measured.
  const frames = Array.from({ length: 16 }, () => {
    const group = () => Object.fromEntries(mission.parameters.map(({ id }) => [id, series()]));
    return { parameters: group(), reconstruction: group(), expected: group() };
  });
  for (let index = 0; index < count; index += 1) {
    const start = first + Math.floor((index / count) * spanMs);
    const [equipment, fault] = [pick(equipments), pick(MADE_FAULTS)];
    const confidence = Math.round(random.uniform() * 1e4) / 1e4;
    const id = `${mission.spacecraft}/${isoTime(start)}/${equipment}`;
    const isOpen = random.uniform() < OPEN;
    const end = start + Math.floor(random.uniform() * 1800) * 1000;
    const parameter = pick(mission.parameters).id;
    const event: AnomalyEvent = {
      type: 'anomaly',
      schemaVersion: 1,
      id,
      revision: 1,
      state: isOpen ? 'open' : 'closed',
      spacecraft: mission.spacecraft,
      start: isoTime(start),
      end: isOpen ? null : isoTime(end),
      trigger: isOpen ? 'opened' : 'returned-to-normal',
      detectedAt: isoTime(start + 44_000),
      revisedAt: isoTime(end),
      score: { value: Math.round(random.uniform() * 4e4) / 1e3, threshold: 2.86, pValue: 0.0002 },
      verdict: { equipment, fault, confidence, alternatives: [] },
      conceptogram: [
        { tap: 'residual', task: 'fault', classes: [...MADE_FAULTS], posterior: MADE_FAULTS.map(() => 0.1428) },
      ],
      attribution: [
        {
          parameter,
          share: 0.61,
          peakAt: isoTime(start),
          deviation: 3.1,
          direction: 'high',
          measured: 1.5,
          expected: 1.2,
        },
      ],
      sufficient: [parameter],
      sentence: `${equipment}: ${pick(WORDS)} ${pick(WORDS)} sits ${pick(WORDS)} what is implied, ${pick(WORDS)} (${fault}).`,
      freezeFrame: { from: isoTime(start), to: isoTime(start + (window - 1) * periodMs), ...pick(frames) },
      model: { id: 'rw-cae', sha256: 'a'.repeat(64) },
      rules: { sha256: 'b'.repeat(64) },
    };
    yield {
      event,
      ledger: [
        ...(random.uniform() < ANSWERED ? answerOf(event, pick(MADE_RULES), pick(MADE_STATES)) : []),
        ...(random.uniform() < JUDGED ? [verdictOf(id, pick(['true', 'false', 'rare-nominal'] as const))] : []),
      ],
    };
  }
};

const verdictOf = (anomaly: string, verdict: 'true' | 'false' | 'rare-nominal'): LedgerEntry => ({
  kind: 'verdict',
  record: { anomaly, by: 'bench', verdict, comment: '' },
});

const answerOf = (event: AnomalyEvent, rule: string, state: (typeof MADE_STATES)[number]): readonly LedgerEntry[] => {
  const { id: explanationId, start, spacecraft, verdict } = event;
  const id = `${explanationId.replaceAll('/', '.')}.${rule}`;
  const startedAt = Date.parse(start);
  const request = {
    ...{ schemaVersion: 1 as const, id, rule, level: 1, spacecraft, time: start, command: 'SWITCH_OFF' },
    ...{ arguments: { wheel: verdict.equipment }, expiry: start, explanationId, explanationRevision: 1 },
    ...{ disposition: 'passive' as const, trace: [], because: 'bench' },
  };
  return [
    {
      kind: 'recovery',
      record: {
        ...{ id, rule, equipment: verdict.equipment, subject: explanationId, explanationId, fault: verdict.fault },
        ...{ confidence: verdict.confidence, grant: { asked: 'automatic', granted: 'automatic', reason: '' } },
        steps: [{ request, expiryMs: 60_000, acknowledgement: 'none', verifyWithinMs: null }],
        ...{ step: 0, state, isOver: true, since: startedAt, deadline: null, expiry: startedAt, startedAt },
        ...{ approvedBy: null, note: '', sent: 0, attributed: [] },
      },
    },
    {
      kind: 'recovery-step',
      record: {
        recovery: id,
        request: id,
        explanationId,
        time: start,
        step: 0,
        from: null,
        to: state,
        by: 'rule',
        note: '',
      },
    },
    {
      kind: 'alarm-step',
      record: {
        ...{ name: `anomaly/${verdict.equipment}`, sequence: 1, time: start, change: 'triggered', state: 'triggered' },
        ...{ severity: 'medium', value: 9, by: '', note: '' },
      },
    },
  ];
};
