/** `/openmct/fdir.js`: the plugin for Open MCT, one file that any page may load. */
import { createReadStream, existsSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { OpenMctAccess } from '../port/messages';
import { OPENMCT_PATH } from './guard';
import { HttpProblem, sendProblem } from './problems';

export const openmctFile = (server: FastifyInstance, openmct: OpenMctAccess | undefined): void => {
  server.get(OPENMCT_PATH, { schema: { hide: true } }, (_request, reply) => {
    if (openmct === undefined)
      return sendProblem(
        reply,
        new HttpProblem('not-found', 'the plugin is not served: set openmct in the configuration'),
      );
    if (!existsSync(openmct.file))
      return sendProblem(reply, new HttpProblem('not-found', 'the plugin was not built: npm run build'));
    return reply
      .headers({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'no-cache',
        'cross-origin-resource-policy': 'cross-origin',
      })
      .send(createReadStream(openmct.file));
  });
};
