/**
 * Who may ask what. Reading is open to this machine; whatever changes something, and whatever comes from elsewhere, needs a bearer
 * token (RFC 6750). Other sites are refused by `Host` (DNS rebinding), `Origin` and `Sec-Fetch-Site`.
 *
 * The name of a token is who asks. Refused: sessions and cookies, because another site could ride on them. Behind a proxy
 * nobody counts as local.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isYamcsPath } from './yamcs/paths';
import type { NamedToken, OpenMctAccess, YamcsApi } from '../port/messages';
import { HttpProblem } from './problems';
import { Allowance } from './allowance';

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the token it came with; null without one. */
    who: string | null;
  }
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** IPv4-mapped addresses (`::ffff:127.0.0.1`) are what a dual-stack socket sees. */
export const isLoopback = (address: string): boolean => {
  const plain = address.replace(/^::ffff:/i, '');
  const family = isIP(plain);
  return family !== 0 && loopback.check(plain, family === 4 ? 'ipv4' : 'ipv6');
};

/** What a proxy adds: behind one on this machine, everybody seems to be here. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

const isFromHere = ({ socket, headers }: FastifyRequest): boolean =>
  isLoopback(socket.remoteAddress ?? '') && !FORWARDED.some((name) => headers[name] !== undefined);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares with every token, in constant time, whatever matches. */
export const findToken = (tokens: readonly NamedToken[], given: string): string | undefined => {
  const own = digest(given);
  let found: string | undefined;
  for (const { name, token } of tokens) if (timingSafeEqual(digest(token), own)) found = name;
  return found;
};

/** The name in a `Host` header, without port and brackets; undefined when it is none. */
const hostName = (host: string): string | undefined => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '');
};

export interface AccessOptions {
  readonly tokens: readonly NamedToken[];
  /** Names besides `localhost` and the configured host; addresses need none, as no other site can have one. */
  readonly allowedHosts: readonly string[];
  /** Pages of these origins may use the Yamcs API, whose orders may come without a token from this machine. */
  readonly yamcs?: YamcsApi | undefined;
  /** Pages of these origins may use the whole API: Open MCT with the plugin. */
  readonly openmct?: OpenMctAccess | undefined;
}

const checkHost = ({ headers }: FastifyRequest, allowed: ReadonlySet<string>): void => {
  const name = hostName(headers.host ?? '');
  if (name !== undefined && (isIP(name) !== 0 || allowed.has(name))) return;
  throw new HttpProblem('foreign-host', 'name the host in console.allowedHosts when it is this machine');
};

const checkSite = ({ headers, protocol }: FastifyRequest, isApi: boolean): void => {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  // A link from elsewhere may lead to the page, which then asks by itself; nothing may ask from elsewhere.
  const isNavigation = !isApi && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none' || isNavigation;
  // TLS may end at a proxy: what counts is that the origin is the host that was asked.
  const isOwnOrigin =
    origin === undefined || origin === `${protocol}://${host ?? ''}` || origin === `https://${host ?? ''}`;
  if (isOwnSite && isOwnOrigin) return;
  throw new HttpProblem('cross-site', 'this was asked by a page of another site');
};

/** Everything below it is an interface, and no file of the page. */
const API = '/api/';

/** Where the plugin for Open MCT is. */
export const OPENMCT_PATH = '/openmct/fdir.js';

/** What a page of another origin may do here: the calls of the Yamcs API (WHATWG Fetch, section 3.2). */
const CROSS_ORIGIN = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'content-type, authorization',
  'access-control-max-age': '600',
  'cross-origin-resource-policy': 'cross-origin',
  vary: 'origin',
};

const CHALLENGE = { 'www-authenticate': 'Bearer realm="fdir"' };
/** Guesses a minute of one address; nobody mistypes a token more often. */
const GUESSES = { burst: 10, perSecond: 10 / 60 };

/** Adds the checks to every request, the page's files included; `request.who` is set after them. */
export const guard = (server: FastifyInstance, { tokens, allowedHosts, yamcs, openmct }: AccessOptions): void => {
  const allowed = new Set(['localhost', ...allowedHosts.map((name) => name.toLowerCase())]);
  const guesses = new Allowance(GUESSES);

  const identify = (request: FastifyRequest): string | null => {
    const { authorization } = request.headers;
    if (authorization === undefined) return null;
    const address = request.socket.remoteAddress ?? '';
    if (!guesses.has(address))
      throw new HttpProblem('too-many-requests', 'too many wrong tokens', undefined, { 'retry-after': '60' });
    const [, given] = /^Bearer +([\x21-\x7e]{1,4096}) *$/i.exec(authorization) ?? [];
    const name = given === undefined ? undefined : findToken(tokens, given);
    if (name !== undefined) return name;
    guesses.take(address);
    throw new HttpProblem('no-token', 'this token is not known', undefined, {
      'www-authenticate': `${CHALLENGE['www-authenticate']}, error="invalid_token"`,
    });
  };

  server.decorateRequest('who', null);
  server.addHook('onRequest', (request, reply, done) => {
    const isApi = request.url.startsWith(API);
    const isYamcs = yamcs !== undefined && isYamcsPath(request.url);
    const { origin } = request.headers;
    const isInvited =
      origin !== undefined &&
      ((isYamcs && yamcs.origins.includes(origin)) || (isApi && openmct?.origins.includes(origin) === true));
    // The plugin holds nothing of the spacecraft: any page may load it.
    const isPlugin = openmct !== undefined && request.url === OPENMCT_PATH;
    checkHost(request, allowed);
    if (isInvited) void reply.headers({ ...CROSS_ORIGIN, 'access-control-allow-origin': origin });
    else if (!isPlugin) checkSite(request, isApi);
    if (isInvited && request.method === 'OPTIONS') {
      // A preflight comes without a token, and learns nothing.
      void reply.code(204).send();
      return;
    }
    request.who = identify(request);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    // The page's own files hold nothing of the spacecraft, and are what a token is typed into.
    const isOpenHere = isReading || (isYamcs && yamcs.actAs !== undefined);
    const isOpen = (isReading && !isApi) || (isOpenHere && isFromHere(request));
    if (!isOpen && request.who === null) {
      const detail = isReading
        ? 'from beyond this machine everything needs a token'
        : tokens.length === 0
          ? 'nothing can be changed here until console.tokens names a token'
          : 'whatever changes something needs a token';
      throw new HttpProblem('no-token', detail, undefined, CHALLENGE);
    }
    done();
  });
};
