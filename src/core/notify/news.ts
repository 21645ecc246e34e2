/** What of an outcome the receivers of `notify:` are told: every change of an alarm that a person may have to act on. */
import type { Alarm, AlarmStep } from '../../domain/alarm';
import type { PipelineEvent } from '../../domain/events';
import type { LedgerEntry } from '../../domain/ledger';
import type { Mission } from '../../domain/mission';
import type { AlarmNews, AnomalyNews } from '../../domain/notification';
import type { ReliabilityBin } from '../../domain/reliability';
import { tellConfidence } from '../anomaly/likelihood';

/** What a change is told with. */
export interface NewsContext {
  readonly mission: Pick<Mission, 'spacecraft' | 'parameters'>;
  /** Address of the console's page; undefined: no page is known. */
  readonly page: string | undefined;
  readonly reliability: readonly ReliabilityBin[];
  /** The account of an anomaly as the log has it. */
  readonly anomaly: (id: string) => AnomalyNews | undefined;
}

/** Nobody is called for what has not been triggered. */
const isNews = ({ change }: AlarmStep): boolean => change !== 'pending' && change !== 'near-miss';

/** A person must do something: it stands, or it latches and nobody has cleared it; and nobody has shelved it. */
export const isFiring = ({ state, isLatching, shelved }: Alarm): boolean =>
  shelved === null && (state === 'triggered' || state === 'acknowledged' || (state === 'returned' && isLatching));

const equipmentOf = (alarm: string, { parameters }: Pick<Mission, 'parameters'>): string => {
  const about = /^check\/(.*)$/.exec(alarm)?.[1];
  return parameters.find(({ id }) => id === about)?.equipment ?? '';
};

/** Where the page shows it: `hrefTo` of the page's route.ts. */
const linkTo = (page: string | undefined, anomaly: string | null): string | null => {
  if (page === undefined) return null;
  const root = page.replace(/\/+$/, '');
  return anomaly === null ? `${root}/` : `${root}/#/anomalies/${encodeURIComponent(anomaly)}`;
};

/** One change of an alarm as it is told. */
export const newsOf = (alarm: Alarm, step: AlarmStep, context: NewsContext): AlarmNews => {
  const { mission, page, reliability } = context;
  const { name, explanationId, title, trigger } = alarm;
  const { sequence, change, state, severity, time, value, by, note } = step;
  const anomaly = explanationId === null ? null : (context.anomaly(explanationId) ?? null);
  return {
    schemaVersion: 1,
    spacecraft: mission.spacecraft,
    alarm: name,
    isFiring: isFiring(alarm),
    ...{ sequence, change, state, severity, time, value, by, note, title, since: trigger.time },
    equipment: anomaly?.equipment ?? equipmentOf(name, mission),
    anomaly,
    confidence: anomaly === null ? null : tellConfidence(anomaly.confidence, reliability),
    link: linkTo(page, explanationId),
  };
};

const accountOf = (event: PipelineEvent): readonly [string, AnomalyNews][] => {
  if (event.type !== 'anomaly') return [];
  const { id, sentence, verdict } = event;
  const { equipment, fault, confidence } = verdict;
  return [[id, { id, equipment, fault, confidence, sentence }]];
};

/** In the order of the changes. The ledger holds each change, followed by the alarm as it then is. */
export const newsIn = (
  { events, ledger }: { readonly events: readonly PipelineEvent[]; readonly ledger: readonly LedgerEntry[] },
  context: NewsContext,
): readonly AlarmNews[] => {
  const told = new Map(events.flatMap(accountOf));
  const anomaly = (id: string): AnomalyNews | undefined => told.get(id) ?? context.anomaly(id);
  return ledger.flatMap((entry, index) => {
    if (entry.kind !== 'alarm-step' || !isNews(entry.record)) return [];
    const { record: step } = entry;
    const after = ledger
      .slice(index + 1)
      .find(
        (item) => item.kind === 'alarm' && item.record.name === step.name && item.record.sequence === step.sequence,
      );
    return after?.kind === 'alarm' ? [newsOf(after.record, step, { ...context, anomaly })] : [];
  });
};

/** The alarm of a log that cannot be written: it has no record, and nobody may wait for one. */
export const unrecordedNews = (
  step: AlarmStep,
  { mission, page }: Pick<NewsContext, 'mission' | 'page'>,
): AlarmNews => {
  const { name, sequence, change, state, severity, time, value, by, note } = step;
  return {
    schemaVersion: 1,
    spacecraft: mission.spacecraft,
    alarm: name,
    isFiring: true,
    ...{ sequence, change, state, severity, time, value, by, note, since: time },
    title: 'The log of the daemon cannot be written: nothing is acted upon until it can.',
    equipment: '',
    anomaly: null,
    confidence: null,
    link: linkTo(page, null),
  };
};

/** Why a change is told that the flow did not tell. */
const LATE = 'told late: this alarm changes too often to be told each time';

/** The alarms as the log has them. */
export interface AlarmsNow {
  /** Those that are not cleared. */
  readonly open: readonly Alarm[];
  /** The newest life of an alarm. */
  find(name: string): Alarm | undefined;
}

/**
 * Changes that were counted only, because the alarm flaps: what stands at the receivers is brought in line with the alarms.
 * @param standing names of alarms that fire as the receivers know it.
 */
export const missedNews = (
  { open, find }: AlarmsNow,
  standing: ReadonlySet<string>,
  context: NewsContext,
): readonly AlarmNews[] => {
  const late = (alarm: Alarm, change: AlarmStep['change']): AlarmNews => {
    const { name, sequence, changedAt, state, severity, current } = alarm;
    const step = { name, sequence, time: changedAt, change, state, severity, value: current.value, by: 'rule' };
    return newsOf(alarm, { ...step, note: LATE }, context);
  };
  const over = [...standing].flatMap((name) => {
    const alarm = find(name);
    if (alarm === undefined || isFiring(alarm)) return [];
    return [late(alarm, alarm.state === 'cleared' ? 'cleared' : 'returned')];
  });
  const begun = open.filter((alarm) => isFiring(alarm) && !standing.has(alarm.name));
  return [...over, ...begun.map((alarm) => late(alarm, 'triggered'))];
};
