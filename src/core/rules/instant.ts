/** One sampling instant as the rules see it: the situation, and what happened. */
import type { CheckEvent, MonitorEvent } from '../../domain/events';
import type { OnboardEvent } from '../../domain/onboard-event';
import { UNKNOWN, type Explanation } from '../../domain/explanation';
import type { AnomalyChange } from '../../domain/rules';
import type { EventFacts, Situation } from '../../domain/facts';
import { severities } from '../../domain/monitors';
import { occasionId } from '../anomaly/occasion';
import { isFailing } from '../monitoring/checking';

/** What a rule is evaluated on: an anomaly as it stands, a transition, the state of the model. */
export interface Subject {
  /** Names this one occurrence: of an anomaly its id, of a transition spacecraft, time and monitor. */
  readonly id: string;
  /** Names the thing: a later transition of it replaces this one. */
  readonly about: string;
  readonly facts: EventFacts;
  readonly equipment: string;
  readonly fault: string;
  readonly confidence: number;
  readonly explanationId: string;
  readonly explanationRevision: number;
  /** It is over: rules see it once more and forget it. */
  readonly closes: boolean;
  /** A failure that stands: rules see it again at every instant until the next transition. */
  readonly stands: boolean;
  /** The monitor, or the anomaly at the root, that explains it and mutes it. */
  readonly mutedBy?: string | undefined;
}

export interface Instant {
  /** Packet time, milliseconds. */
  readonly time: number;
  /** Without health, which recovery knows. */
  readonly situation: Omit<Situation, 'health'>;
  readonly subjects: readonly Subject[];
  /** Monitors that are failing, and those with a count that is not established yet. */
  readonly failing: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
}

const changeOf = ({ state, revision }: Explanation, isRevision: boolean): AnomalyChange =>
  state === 'closed' ? 'closed' : revision === 1 && isRevision ? 'opened' : 'updated';

/** @param isRevision false when a window confirmed the anomaly without a new revision. */
export const anomalySubject = (explanation: Explanation, time: number, isRevision: boolean): Subject => {
  const { id, state, revision, trigger, verdict, score, sufficient, attribution, start, cascade } = explanation;
  const { equipment, fault, confidence } = verdict;
  const possible = verdict.set ?? [verdict];
  return {
    id,
    about: id,
    facts: {
      event: 'anomaly',
      anomaly: {
        id,
        change: changeOf(explanation, isRevision),
        state,
        revision,
        trigger,
        equipment,
        fault,
        confidence,
        score: score.value,
        threshold: score.threshold,
        pValue: score.pValue,
        sufficient,
        parameters: attribution.map(({ parameter }) => parameter),
        set: possible.map((item) => `${item.equipment}/${item.fault}`),
        suspects: possible.length === 0 ? [equipment] : [...new Set(possible.map((item) => item.equipment))],
        durationMs: time - Date.parse(start),
      },
    },
    equipment,
    fault,
    confidence,
    explanationId: id,
    explanationRevision: revision,
    closes: state === 'closed',
    stands: false,
    // A symptom is answered at its root.
    mutedBy: cascade?.role === 'symptom' ? cascade.root : undefined,
  };
};

/** What something happened to. */
export interface Scene {
  readonly spacecraft: string;
  /** How often the spacecraft's clock was set back before. */
  readonly base: number;
}

const transition = ({ spacecraft, base }: Scene, time: string, about: string) => {
  const id = occasionId(spacecraft, time, about, base);
  return { id, about, explanationId: id, explanationRevision: 1, fault: UNKNOWN, confidence: 1 };
};

/** @param equipment that of the parameter, for plain limits. */
export const checkSubject = (scene: Scene, event: CheckEvent, equipment = UNKNOWN): Subject => {
  const { parameter, limit, from, to, value, monitor = '', severity = 'medium', time, mutedBy } = event;
  const own = event.equipment ?? equipment;
  const failed = isFailing(to);
  return {
    ...transition(scene, time, monitor === '' ? `${parameter}.${limit}` : monitor),
    facts: {
      event: 'check',
      check: { monitor, parameter, limit, equipment: own, severity, from, to, value: value ?? NaN, failed },
    },
    equipment: own,
    closes: !failed,
    stands: failed,
    mutedBy,
  };
};

export const monitorSubject = (scene: Scene, event: MonitorEvent): Subject => {
  const { monitor: id, equipment = UNKNOWN, severity, from, to, failing, time, mutedBy } = event;
  const failed = isFailing(to);
  return {
    ...transition(scene, time, id),
    facts: { event: 'monitor', monitor: { id, equipment, severity, from, to, failing, failed } },
    equipment,
    closes: !failed,
    stands: failed,
    mutedBy,
  };
};

/** The model works again, or what is detected is only what the plain limits and monitors find. */
export const modelSubject = (scene: Scene, time: string, isDegraded: boolean, reason: string): Subject => ({
  ...transition(scene, time, 'model'),
  facts: { event: 'model', model: { state: isDegraded ? 'degraded' : 'working', reason } },
  equipment: UNKNOWN,
  closes: !isDegraded,
  stands: isDegraded,
});

/** PUS service of events; its subtypes are the severities, from 1. */
const EVENTS = 5;

/** What the spacecraft itself reported: it happened once, and does not stand. */
export const reportSubject = (scene: Scene, event: OnboardEvent): Subject => {
  const { name, number = NaN, severity, equipment = UNKNOWN, apid, sequence, time } = event;
  const { service = EVENTS, subtype = severities.indexOf(severity) + 1 } = event;
  return {
    ...transition(scene, time, `${name} ${String(apid)}/${String(sequence)}`),
    facts: { event: 'report', report: { name, number, severity, equipment, apid, service, subtype } },
    equipment,
    closes: true,
    stands: false,
  };
};
