/** Telecommands that were sent, and what the spacecraft itself reported: the same as `fdir log commands` and `fdir log reports`. */
import { problemSchema } from '../../api/common';
import { commandListSchema, reportListSchema, sentQuery, type SentQuery } from '../../api/sent';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';

/** One more than is shown tells whether there are more. */
const page = <T>(query: SentQuery, read: (query: SentQuery) => readonly T[]): { items: T[]; hasMore: boolean } => {
  const { limit } = query;
  const found = readingLog(() => read({ ...query, limit: limit + 1 }));
  return { items: found.slice(0, limit), hasMore: found.length > limit };
};

export const sentRoutes = (server: ZodServer, { log }: ConsoleContext): void => {
  const problems = { '4xx': problemSchema, '5xx': problemSchema };
  server.get(
    '/commands',
    { schema: { tags: ['spacecraft'], querystring: sentQuery, response: { 200: commandListSchema, ...problems } } },
    ({ query }) => page(query, (asked) => log.commands(asked)),
  );
  server.get(
    '/reports',
    { schema: { tags: ['spacecraft'], querystring: sentQuery, response: { 200: reportListSchema, ...problems } } },
    ({ query }) => page(query, (asked) => log.reports(asked)),
  );
};
