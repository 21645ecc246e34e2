/** The report of a shift as a page to print, Markdown or JSON, and what people wrote. Notes are orders: see orders.ts. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readLogFilter } from '../../../core/log-filter';
import { shiftHtml, SHIFT_STYLE } from '../../../core/report/shift-html';
import { shiftMarkdown } from '../../../core/report/shift-markdown';
import type { ShiftRange } from '../../../core/report/shift-records';
import { isoTime } from '../../../domain/units';
import { problemSchema } from '../../api/common';
import { noteListQuery, noteListSchema, reportQuery } from '../../api/report';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';

const failures = { '4xx': problemSchema, '5xx': problemSchema };

/** The text between the tags, as the template writes it. */
const styleHash = (page: string): string => {
  const [, style = SHIFT_STYLE] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
  return createHash('sha256').update(style).digest('base64');
};

/** The page has a style of its own, and nothing else. */
const policyOf = (page: string): string =>
  `default-src 'none'; style-src 'sha256-${styleHash(page)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const rangeOf = ({ since, until }: z.infer<typeof reportQuery>, now: number): ShiftRange => {
  const end = until === undefined ? isoTime(now) : (readLogFilter({ until }, now).until ?? '');
  const read = readLogFilter({ since, until: end }, Date.parse(end));
  return { since: read.since ?? end, until: end };
};

export const reportRoutes = (server: ZodServer, { log, now }: ConsoleContext): void => {
  const tags = ['shift'];
  server.get(
    '/report',
    { schema: { tags, querystring: reportQuery, response: { 200: z.string(), ...failures } } },
    ({ query }, reply) => {
      const report = readingLog(() => log.shift(rangeOf(query, now())));
      const send = (type: string, text: string): string => {
        // Serialised already: one route has three forms.
        void reply.type(`${type}; charset=utf-8`).serializer(String);
        return text;
      };
      switch (query.format) {
        case 'json':
          return send('application/json', JSON.stringify(report));
        case 'md':
          return send('text/markdown', shiftMarkdown(report));
        case 'html': {
          const page = shiftHtml(report);
          void reply.header('content-security-policy', policyOf(page));
          return send('text/html', page);
        }
      }
    },
  );
  server.get(
    '/notes',
    { schema: { tags, querystring: noteListQuery, response: { 200: noteListSchema, ...failures } } },
    ({ query }) => ({ items: [...readingLog(() => log.notes(query))] }),
  );
};
