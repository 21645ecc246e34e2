/** Everything that the log keeps, in one time line. */
import { historyKinds } from '../../../domain/history';
import { problemSchema } from '../../api/common';
import { logHistoryQuery, logHistorySchema } from '../../api/log-history';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';

export const logHistoryRoute = (server: ZodServer, { log }: ConsoleContext): void => {
  const response = { 200: logHistorySchema, '4xx': problemSchema, '5xx': problemSchema };
  server.get('/log/history', { schema: { tags: ['log'], querystring: logHistoryQuery, response } }, ({ query }) => {
    const { items, next, completeSince, unknown } = readingLog(() => log.history(query));
    return { items: [...items], next, completeSince, unknown: [...unknown], kinds: [...historyKinds] };
  });
};
