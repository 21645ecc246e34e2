/** Replays beside the live pass: nothing here is live, and each answer says so. */
import { z } from 'zod';
import { anomalyAccountSchema } from '../../api/anomalies';
import { commentBody, idText, problemSchema } from '../../api/common';
import { replayBody, replayListSchema, replayViewSchema } from '../../api/replay';
import { shownAccount } from './anomaly-routes';
import type { ConsoleContext, ZodServer } from '../context';
import { HttpProblem } from '../problems';

const failures = { '4xx': problemSchema, '5xx': problemSchema };

export const replayRoutes = (server: ZodServer, context: ConsoleContext): void => {
  const { replays } = context;
  const tags = ['replays'];
  const params = z.object({ id: idText });
  const known = (id: string) => {
    const run = replays.run(id);
    if (run === undefined) throw new HttpProblem('not-found', `no replay is called ${id}`);
    return run;
  };
  server.get('/replays', { schema: { tags, response: { 200: replayListSchema, ...failures } } }, () => ({
    isAvailable: replays.isAvailable,
    passes: [...replays.passes()],
    runs: [...replays.runs()],
  }));
  server.post(
    '/replays',
    { schema: { tags, body: replayBody, response: { 201: replayViewSchema, ...failures } } },
    ({ who, body: { pass, speed } }, reply) => {
      if (who === null) throw new HttpProblem('no-token', 'whatever changes something needs a token');
      void reply.code(201);
      return replays.start(pass, speed, who);
    },
  );
  server.get(
    '/replays/:id',
    { schema: { tags, params, response: { 200: replayViewSchema, ...failures } } },
    ({ params: { id } }) => known(id),
  );
  server.post(
    '/replays/:id/stop',
    { schema: { tags, params, body: commentBody, response: { 200: replayViewSchema, ...failures } } },
    ({ params: { id } }) => {
      known(id);
      if (!replays.stop(id)) throw new HttpProblem('refused', `${id} is over already`);
      return known(id);
    },
  );
  server.get(
    '/replays/:id/anomalies/:anomaly',
    {
      schema: {
        tags,
        params: z.object({ id: idText, anomaly: idText }),
        response: { 200: anomalyAccountSchema, ...failures },
      },
    },
    ({ params: { id, anomaly } }) => {
      known(id);
      const account = replays.account(id, anomaly);
      if (account === undefined) throw new HttpProblem('not-found', `the replay has no anomaly called ${anomaly}`);
      return shownAccount(context, account, false);
    },
  );
};
