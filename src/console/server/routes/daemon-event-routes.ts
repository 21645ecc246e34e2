/** What happened to the daemon itself. */
import { daemonEventKinds } from '../../../domain/daemon-event';
import { problemSchema } from '../../api/common';
import { daemonEventListSchema, daemonEventQuery } from '../../api/daemon-events';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';

export const daemonEventRoutes = (server: ZodServer, { log }: ConsoleContext): void => {
  const response = { 200: daemonEventListSchema, '4xx': problemSchema, '5xx': problemSchema };
  server.get(
    '/daemon/events',
    { schema: { tags: ['daemon'], querystring: daemonEventQuery, response } },
    ({ query }) => {
      const { limit } = query;
      // One more than is shown tells whether there are more.
      const found = readingLog(() => log.events({ ...query, limit: limit + 1 }));
      const items = found.slice(0, limit);
      const next = found.length > limit ? (items.at(-1)?.sequence ?? null) : null;
      return { items, next, kinds: [...daemonEventKinds] };
    },
  );
};
