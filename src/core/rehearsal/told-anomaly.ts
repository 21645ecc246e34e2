/** Explanation records of an anomaly that a rule test tells: what rules read is as told, the rest is empty. */
import type { Explanation } from '../../domain/explanation';
import type { ToldAnomaly } from '../../domain/rule-test';
import { isoTime } from '../../domain/units';
import type { AnomalyFindings } from '../rules/observed';

/** A test's anomalies score well above the threshold; what rules are about is the verdict. */
const SCORE = { value: 20, threshold: 10, pValue: 0.001 };

const record = ({
  spacecraft,
  told,
  start,
  time,
  revision,
  isOver,
}: {
  readonly spacecraft: string;
  readonly told: ToldAnomaly;
  readonly start: number;
  readonly time: number;
  readonly revision: number;
  readonly isOver: boolean;
}): Explanation => {
  const said = told.changes.filter(({ at }) => start + at - told.at <= time);
  const now = said.reduce((before, { at: _, ...change }) => ({ ...before, ...change }), told);
  const { equipment = told.equipment, fault = told.fault, confidence = told.confidence } = now;
  const text = isoTime(start);
  const parameters = told.sufficient;
  return {
    schemaVersion: 1,
    id: `${spacecraft}/${text}/${told.equipment}`,
    revision,
    state: isOver ? 'closed' : 'open',
    spacecraft,
    start: text,
    end: isOver ? isoTime(time) : null,
    trigger: isOver ? 'returned-to-normal' : revision === 1 ? 'opened' : 'verdict-changed',
    detectedAt: text,
    revisedAt: isoTime(time),
    score: SCORE,
    verdict: {
      equipment,
      fault,
      confidence,
      alternatives: [],
      ...(told.set !== undefined && { set: told.set.map((item) => ({ ...item, probability: confidence })) }),
    },
    conceptogram: [],
    attribution: parameters.map((parameter) => ({
      parameter,
      share: 1 / parameters.length,
      peakAt: text,
      deviation: 5,
      direction: 'high' as const,
      measured: 0,
      expected: 0,
    })),
    sufficient: [...parameters],
    sentence: `${equipment}: ${fault}, as the test tells.`,
    freezeFrame: { from: text, to: text, parameters: {}, reconstruction: {}, expected: {} },
    model: { id: 'told', sha256: '' },
    rules: { sha256: '' },
  };
};

/**
 * The revisions and confirmations of one anomaly, judged every `cadenceMs` from its start, as the tracker gives them.
 * @param origin packet time of the test's start; `end` of its end.
 */
export const foundOf = ({
  spacecraft,
  told,
  origin,
  end,
  cadenceMs,
}: {
  readonly spacecraft: string;
  readonly told: ToldAnomaly;
  readonly origin: number;
  readonly end: number;
  readonly cadenceMs: number;
}): readonly AnomalyFindings[] => {
  const start = origin + told.at;
  const until = told.until === undefined ? Infinity : origin + told.until;
  const changes = told.changes.map(({ at }) => origin + at);
  const found: AnomalyFindings[] = [];
  let revision = 0;
  for (let time = start; time <= end && time < until; time += cadenceMs) {
    const isRevised = time === start || changes.some((change) => change <= time && change > time - cadenceMs);
    if (isRevised) revision += 1;
    const explanation = record({ spacecraft, told, start, time, revision, isOver: false });
    const { id, verdict } = explanation;
    found.push({ time, explanations: isRevised ? [explanation] : [], confirmed: [{ id, verdict }] });
  }
  if (until <= end) {
    const explanations = [record({ spacecraft, told, start, time: until, revision: revision + 1, isOver: true })];
    found.push({ time: until, explanations, confirmed: [] });
  }
  return found;
};
