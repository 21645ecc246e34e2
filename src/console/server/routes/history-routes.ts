/** Telemetry of the last minutes to days, what happened meanwhile, and the stream of what is new. */
import { parseTimeText } from '../../../core/telemetry/packet-time';
import { isoTime } from '../../../domain/units';
import { problemSchema } from '../../api/common';
import { historyQuery, historySchema, timelineQuery, timelineSchema, type Timeline } from '../../api/history';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';
import { historyView, rangeOf } from '../history-view';
import { HttpProblem } from '../problems';

const failures = { '4xx': problemSchema, '5xx': problemSchema };

/** Bands beyond this are too narrow to be told apart. */
const MAX_EACH = 300;

const newestOf = ({ pulse }: ConsoleContext): number | null => {
  const { packetTime } = pulse();
  return packetTime === null ? null : (parseTimeText(packetTime) ?? null);
};

const overlaps = (range: { from: number; to: number }, from: string, to: string | null): boolean =>
  Date.parse(from) <= range.to && (to === null || Date.parse(to) >= range.from);

const timelineOf = (context: ConsoleContext, range: { readonly from: number; readonly to: number }): Timeline => {
  const { log, live } = context;
  const until = isoTime(range.to);
  const anomalies = log.list({ until, sort: 'start', order: 'desc', limit: MAX_EACH }).items;
  const alarms = log.alarms(true).map(({ name, severity, title, trigger, state, changedAt, occurrence }) => ({
    name,
    severity,
    title,
    from: occurrence?.since ?? trigger.time,
    to: state === 'cleared' || state === 'returned' ? changedAt : null,
  }));
  const recoveries = log.recoveries(true).map((item) => ({
    id: item.id,
    title: live.rules.find(({ id }) => id === item.rule)?.title ?? item.rule,
    equipment: item.equipment,
    state: item.state,
    from: isoTime(item.startedAt),
    to: item.isOver ? isoTime(item.since) : null,
  }));
  return {
    from: isoTime(range.from),
    to: until,
    anomalies: anomalies
      .filter(({ start, end }) => overlaps(range, start, end))
      .map(({ id, equipment, fault, confidence, severity, start, end, sentence }) => ({
        ...{ id, equipment, fault, confidence, severity, sentence },
        from: start,
        to: end,
      })),
    alarms: alarms.filter(({ from, to }) => overlaps(range, from, to)).slice(0, MAX_EACH),
    recoveries: recoveries.filter(({ from, to }) => overlaps(range, from, to)).slice(0, MAX_EACH),
    commands: log
      .commands({ since: isoTime(range.from), until, limit: MAX_EACH })
      .map(({ time, name, arguments: given }) => ({
        time,
        name,
        arguments: Object.entries(given)
          .map(([key, value]) => `${key}=${String(value)}`)
          .join(', '),
      })),
  };
};

export const historyRoutes = (server: ZodServer, context: ConsoleContext): void => {
  const tags = ['history'];
  server.get(
    '/history',
    { schema: { tags, querystring: historyQuery, response: { 200: historySchema, ...failures } } },
    ({ query }) => {
      const threshold = context.live.manifest?.calibration.threshold ?? null;
      return historyView(context.history, query, { newest: newestOf(context), threshold });
    },
  );
  server.get(
    '/timeline',
    { schema: { tags, querystring: timelineQuery, response: { 200: timelineSchema, ...failures } } },
    ({ query }) => {
      const newest = newestOf(context);
      if (newest === null) throw new HttpProblem('not-found', 'no telemetry has come yet');
      return readingLog(() => timelineOf(context, rangeOf(query, newest)));
    },
  );
};
