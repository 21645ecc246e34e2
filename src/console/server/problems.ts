/** What goes wrong, as problem details (RFC 9457): clear to a person, without a stack trace, whatever it was. */
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { ProblemDetails } from '../api/common';

export const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<string, readonly [status: number, title: string]>> = {
  'invalid-input': [400, 'The request cannot be read'],
  'no-token': [401, 'A token is needed'],
  'cross-site': [403, 'Requests of other sites are refused'],
  'not-found': [404, 'There is no such thing'],
  refused: [409, 'The daemon refused'],
  'too-large': [413, 'The request is too large'],
  'wrong-media-type': [415, 'Only JSON is read'],
  'foreign-host': [421, 'This host name is not ours'],
  'too-many-requests': [429, 'Too many requests'],
  internal: [500, 'Something is wrong with the console'],
  busy: [503, 'The console is busy'],
  'log-unavailable': [503, 'The log cannot be read'],
  'no-answer': [504, 'The daemon did not answer'],
};
export type ProblemKind = keyof typeof TITLES & string;

/** Thrown by routes and hooks; answered as it says. */
export class HttpProblem extends Error {
  constructor(
    readonly kind: ProblemKind,
    detail: string,
    readonly errors?: ProblemDetails['errors'],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  get status(): number {
    return TITLES[this.kind]?.[0] ?? 500;
  }

  get details(): ProblemDetails {
    const { kind, status, message: detail, errors } = this;
    return { type: `#${kind}`, title: TITLES[kind]?.[1] ?? kind, status, detail, ...(errors && { errors }) };
  }
}

/** `/since` of a zod path becomes `query.since`. */
const invalid = (error: FastifyError): HttpProblem => {
  const where = error.validationContext ?? 'request';
  const errors = hasZodFastifySchemaValidationErrors(error)
    ? error.validation.map(({ instancePath, message }) => ({
        field: `${where}${instancePath.replaceAll('/', '.')}`.replace(/\.$/, ''),
        message: message ?? 'is not valid',
      }))
    : [];
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new HttpProblem('invalid-input', detail === '' ? error.message : detail, errors);
};

/** Errors of Fastify by their status; the text of an unknown one is for the daemon's log only. */
const problemOf = (error: FastifyError): HttpProblem => {
  if (error.validation !== undefined) return invalid(error);
  switch (error.statusCode) {
    case 400:
      return new HttpProblem('invalid-input', error.message);
    case 404:
      return new HttpProblem('not-found', error.message);
    case 413:
      return new HttpProblem('too-large', error.message);
    case 415:
      return new HttpProblem('wrong-media-type', 'send application/json');
    case 403:
      // A path out of the page's folder: what lies there is nobody's business.
      return new HttpProblem('not-found', 'nothing is served there');
    default:
      if (error.statusCode !== undefined && error.statusCode < 500)
        return new HttpProblem('invalid-input', error.message);
      return new HttpProblem('internal', 'this is a defect of the program; the log of the daemon says more');
  }
};

export const sendProblem = (reply: FastifyReply, problem: HttpProblem): FastifyReply =>
  reply
    .code(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_TYPE)
    .serializer((payload) => JSON.stringify(payload))
    .send(problem.details);

/** @param onInternal told of what is a defect, with the error. */
export const answerProblems = (server: FastifyInstance, onInternal: (error: unknown) => void): void => {
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const problem = error instanceof HttpProblem ? error : problemOf(error);
    if (problem.kind === 'internal') onInternal(error);
    return sendProblem(reply, problem);
  });
};
