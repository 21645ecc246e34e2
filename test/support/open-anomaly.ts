/** Explanations of an open anomaly for tests of rules: only what rules read can be chosen. */
import { UNKNOWN, type Explanation } from '../../src/domain/explanation';
import { isoTime } from '../../src/domain/units';

/** 2026-03-01T04:12:08Z, the start of every anomaly made here unless told otherwise. */
export const ANOMALY_START = Date.UTC(2026, 2, 1, 4, 12, 8);

export interface AnomalyChoice {
  readonly id?: string;
  readonly revision?: number;
  readonly state?: Explanation['state'];
  /** Milliseconds since 1970 UTC. */
  readonly start?: number;
  readonly equipment?: string;
  readonly fault?: string;
  readonly confidence?: number;
}

export const openAnomaly = (choice: AnomalyChoice = {}): Explanation => {
  const { equipment = 'rw2', fault = 'friction-rise', confidence = 0.93, revision = 1, state = 'open' } = choice;
  const start = choice.start ?? ANOMALY_START;
  return {
    schemaVersion: 1,
    id: choice.id ?? `AURORA-1/${isoTime(start)}/${equipment}`,
    revision,
    state,
    spacecraft: 'AURORA-1',
    start: isoTime(start),
    end: state === 'closed' ? isoTime(start) : null,
    trigger: state === 'closed' ? 'returned-to-normal' : 'opened',
    detectedAt: isoTime(start),
    revisedAt: isoTime(start),
    score: { value: 41.2, threshold: 9.7, pValue: 0.0002 },
    verdict: { equipment, fault, confidence, alternatives: [] },
    conceptogram: [],
    attribution: [],
    sufficient: [],
    sentence: fault === UNKNOWN ? 'Something is wrong.' : `${equipment}: ${fault}.`,
    freezeFrame: { from: isoTime(start), to: isoTime(start), parameters: {}, reconstruction: {}, expected: {} },
    model: { id: 'rw-cae', sha256: 'a'.repeat(64) },
    rules: { sha256: 'b'.repeat(64) },
  };
};
