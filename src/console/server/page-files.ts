/** The files of the page, as the front-end build left them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { API_ROOT } from '../api/common';
import { HttpProblem, sendProblem } from './problems';

/** The build puts a hash of the content into these names, so that they never change. */
const isHashed = (path: string): boolean => /[/\\]assets[/\\]/.test(path);

/** Serves `folder`; a path without a file is a place inside the page. Without the folder the API is there alone, and `/` says so. */
export const pageFiles = async (server: FastifyInstance, folder: string): Promise<void> => {
  const hasPage = existsSync(join(folder, 'index.html'));
  if (hasPage)
    await server.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      dotfiles: 'ignore',
      setHeaders: (reply, path) => {
        reply.setHeader('cache-control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  server.setNotFoundHandler((request, reply) => {
    const path = new URL(request.url, 'http://console').pathname;
    const isPlace = request.method === 'GET' && !path.startsWith(API_ROOT) && !/\.\w+$/.test(path);
    if (isPlace && hasPage) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    const detail = isPlace ? 'the page was not built: npm run build' : `nothing is served at ${path.slice(0, 200)}`;
    return sendProblem(reply, new HttpProblem('not-found', detail));
  });
};
