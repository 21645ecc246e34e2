/** The log: lists, histogram, export and the account of one anomaly. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { leastPValue, tellConfidence } from '../../../core/anomaly/likelihood';
import { csvLine } from '../../../core/csv';
import type { Explanation } from '../../../domain/explanation';
import { ROW_COLUMNS } from '../../../domain/log-query';
import {
  anomalyAccountSchema,
  anomalyListQuery,
  anomalyListSchema,
  exportQuery,
  type ExportFormat,
  histogramQuery,
  histogramSchema,
  type AnomalyAccount,
  type AnomalySummary,
} from '../../api/anomalies';
import { idText, problemSchema } from '../../api/common';
import { readReliability } from '../../../domain/reliability';
import type { ShownManifest } from '../../port/mission-views';
import { accountOf } from '../account';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';
import { recoveryAccount } from './live-routes';
import { HttpProblem } from '../problems';
import type { ConsoleLog, ShownAccount } from '../world';

const failures = { '4xx': problemSchema, '5xx': problemSchema };

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

const csvLineOf = (summary: AnomalySummary): string => csvLine(ROW_COLUMNS.map((name) => summary[name]));

/** Batch after batch, as fast as the client takes them; each batch is a read of its own. */
function* exported(
  log: ConsoleLog,
  { format, ...filter }: z.infer<typeof exportQuery>,
): Generator<string | Uint8Array, void, undefined> {
  if (format === 'parquet') {
    yield* log.parquet(filter);
    return;
  }
  if (format === 'csv') yield csvLine(ROW_COLUMNS);
  const line = format === 'csv' ? csvLineOf : (summary: AnomalySummary) => `${JSON.stringify(summary)}\n`;
  for (const batch of log.batches(filter)) yield batch.map(line).join('');
}

/** Begins to read now, so that a log that is not there is a proper answer and no torn download. */
const begun = <T>(parts: Generator<T, void, undefined>): Generator<T, void, undefined> => {
  const first = readingLog(() => parts.next());
  return (function* () {
    if (first.done !== true) yield first.value;
    yield* parts;
  })();
};

/** What the calibration of its model says of an anomaly; another model may judge by now, whose calibration says nothing of it. */
const figuresOf = (manifest: ShownManifest | undefined, { model, verdict }: Explanation) => {
  const own = manifest?.sha256 === model.sha256 ? manifest : undefined;
  return {
    leastPValue: own === undefined ? null : leastPValue(own.calibration),
    howSure: tellConfidence(verdict.confidence, readReliability(own?.quality)),
  };
};

/** The account as it is shown; rules give the titles. */
export const shownAccount = (
  { mission, live }: ConsoleContext,
  { revisions, requests, recoveries, alarms, verdicts, notes }: ShownAccount,
  isLive: boolean,
): AnomalyAccount =>
  accountOf(mission, revisions, {
    requests: [...requests],
    recoveries: recoveries.map((item) => recoveryAccount(item, live.rules)),
    alarms: [...alarms],
    verdicts: [...verdicts],
    notes: [...notes],
    isLive,
    ...figuresOf(live.manifest, revisions.at(-1) ?? revisions[0]),
  });

export const anomalyRoutes = (server: ZodServer, context: ConsoleContext): void => {
  const { log } = context;
  const tags = ['anomalies'];
  server.get(
    '/anomalies',
    { schema: { tags, querystring: anomalyListQuery, response: { 200: anomalyListSchema, ...failures } } },
    ({ query }) => readingLog(() => log.list(query)),
  );
  server.get(
    '/anomalies/histogram',
    { schema: { tags, querystring: histogramQuery, response: { 200: histogramSchema, ...failures } } },
    ({ query: { buckets, ...filter } }) => readingLog(() => log.histogram(filter, buckets)),
  );
  server.get(
    '/anomalies/export',
    { schema: { tags, querystring: exportQuery, response: { 200: z.string(), ...failures } } },
    ({ query }, reply) => {
      const { format } = query;
      const parts = begun(exported(log, query));
      void reply.type(TYPES[format]).header('content-disposition', `attachment; filename="anomalies.${format}"`);
      // Bytes and text alike: a part is what one read gave.
      void reply.send(Readable.from(parts, { objectMode: false }) as unknown as string);
    },
  );
  server.get(
    '/anomalies/:id',
    { schema: { tags, params: z.object({ id: idText }), response: { 200: anomalyAccountSchema, ...failures } } },
    ({ params: { id } }) => {
      const account = readingLog(() => log.account(id));
      if (account === undefined) throw new HttpProblem('not-found', `no anomaly is called ${id}`);
      return shownAccount(context, account, true);
    },
  );
};
