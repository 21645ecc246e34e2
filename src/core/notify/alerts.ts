/**
 * News of alarms as alerts of Alertmanager. Labels are the identity of an alert. So the alert that ends carries the labels of the
 * one that began, also when the verdict has changed meanwhile.
 *
 * Alertmanager compares times with its own clock: it gets wall-clock times. The packet time is an annotation.
 */
import type { AlarmNews, Alert } from '../../domain/notification';

/** Longer texts are cut: a pager shows lines, and Alertmanager keeps all of them in memory. */
const MAX_TEXT = 1000;

const cut = (text: string): string => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`);

/** An empty label is no label for Alertmanager. */
const withoutEmpty = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));

const labelsOf = ({ spacecraft, alarm, severity, equipment, anomaly }: AlarmNews): Alert['labels'] =>
  withoutEmpty({
    alertname: 'fdir',
    alarm,
    spacecraft,
    severity,
    equipment: anomaly?.equipment ?? equipment,
    fault: anomaly?.fault ?? '',
  });

const annotationsOf = (news: AlarmNews): Alert['annotations'] => {
  const { title, anomaly, confidence, state, change, by, note, time } = news;
  return withoutEmpty({
    sentence: cut(anomaly?.sentence ?? title),
    confidence: confidence ?? '',
    state,
    anomaly: anomaly?.id ?? '',
    ...(change === 'acknowledged' && { acknowledgedBy: by }),
    note: cut(note),
    packetTime: time,
  });
};

/** Only a trigger names equipment, fault and severity anew: what people do leaves the alert the one that it is. */
const namesAnew = ({ change }: AlarmNews): boolean => change === 'triggered' || change === 'retriggered';

const alertOf = (news: AlarmNews, startsAt: string, before: Alert | undefined): Alert => {
  const { link } = news;
  return {
    labels: before === undefined || namesAnew(news) ? labelsOf(news) : before.labels,
    annotations: { ...annotationsOf(news), ...(link !== null && { link }) },
    startsAt,
    ...(link !== null && { generatorURL: link }),
  };
};

const hasSameLabels = (a: Alert, b: Alert): boolean =>
  Object.keys(a.labels).length === Object.keys(b.labels).length &&
  Object.entries(a.labels).every(([name, value]) => b.labels[name] === value);

/** An alert may not end before it starts: the clock of this machine may have been set back. */
const ended = (alert: Alert, at: string): Alert => ({ ...alert, endsAt: at < alert.startsAt ? alert.startsAt : at });

export interface AlertChange {
  /** In order. Empty when nothing changes for a receiver that keeps alerts. */
  readonly alerts: readonly Alert[];
  /** What stands from now on; undefined: nothing. */
  readonly standing: Alert | undefined;
}

/**
 * @param before what stands for this alarm; undefined: nothing does.
 * @param at now by the wall clock, ISO 8601.
 */
export const alertChange = (news: AlarmNews, before: Alert | undefined, at: string): AlertChange => {
  if (news.isFiring) {
    const next = alertOf(news, at, before);
    if (before === undefined) return { alerts: [next], standing: next };
    if (!hasSameLabels(before, next)) return { alerts: [ended(before, at), next], standing: next };
    const going = { ...next, startsAt: before.startsAt };
    return { alerts: [going], standing: going };
  }
  if (before === undefined) return { alerts: [], standing: undefined };
  const { link } = before.annotations;
  const annotations = { ...annotationsOf(news), ...(link !== undefined && { link }) };
  return { alerts: [ended({ ...before, annotations }, at)], standing: undefined };
};
