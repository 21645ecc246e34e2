/** Annotations for plots of others: one flat list, as the JSON data sources of Grafana read it. */
import { tellConfidence } from '../../../core/anomaly/likelihood';
import { isoTime } from '../../../domain/units';
import { readReliability } from '../../../domain/reliability';
import type { TelecommandRecord } from '../../../domain/telecommand';
import { annotationListSchema, annotationQuery, type Annotation } from '../../api/annotations';
import type { AnomalySummary } from '../../api/anomalies';
import { problemSchema } from '../../api/common';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';

const anomalyOf = (anomaly: AnomalySummary, howSure: string): Annotation => {
  const { id, start, end, equipment, fault, severity, state, sentence } = anomaly;
  return {
    kind: 'anomaly',
    time: Date.parse(start),
    timeEnd: end === null ? null : Date.parse(end),
    title: `${equipment}: ${fault}`,
    text: `${sentence} ${howSure}`,
    tags: ['anomaly', equipment, fault, severity, state],
    id,
  };
};

const commandOf = ({ time, name, arguments: given }: TelecommandRecord): Annotation => ({
  kind: 'command',
  time: Date.parse(time),
  timeEnd: null,
  title: name,
  text: Object.entries(given)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' '),
  tags: ['command', name],
  id: '',
});

export const annotationRoute = (server: ZodServer, { log, live }: ConsoleContext): void => {
  server.get(
    '/annotations',
    {
      schema: {
        tags: ['log'],
        querystring: annotationQuery,
        response: { 200: annotationListSchema, '4xx': problemSchema, '5xx': problemSchema },
      },
    },
    ({ query: { from, to, kinds, limit } }) => {
      const range = { since: isoTime(from), until: isoTime(to) };
      const bins = readReliability(live.manifest?.quality);
      const page = { sort: 'start' as const, order: 'desc' as const, limit };
      const anomalies = kinds.includes('anomaly') ? readingLog(() => log.list({ ...range, ...page })).items : [];
      const commands = kinds.includes('command') ? readingLog(() => log.commands({ ...range, limit })) : [];
      return [
        ...anomalies.map((item) => anomalyOf(item, tellConfidence(item.confidence, bins))),
        ...commands.map(commandOf),
      ].sort((a, b) => a.time - b.time);
    },
  );
};
