/** Requests to the console's API, with the token of this tab. */
import type { ProblemDetails, Session } from '../api/common';
import { createStore } from './store';

export const API = './api/v1';
const TOKEN_KEY = 'fdir.token';

/** Kept as long as the tab, and sent to nobody but this origin. */
export const token = createStore<string | null>(sessionStorage.getItem(TOKEN_KEY));
export const session = createStore<Session | null>(null);
/** Whether reading was refused for want of a token: then nothing else can be shown. */
export const isTokenNeeded = createStore(false);

export class ProblemError extends Error {
  constructor(readonly problem: ProblemDetails) {
    super(problem.errors?.map(({ field, message }) => `${field}: ${message}`).join('; ') ?? problem.detail);
  }
}

export const authorization = (): Record<string, string> => {
  const held = token.get();
  return held === null ? {} : { authorization: `Bearer ${held}` };
};

const problemOf = async (response: Response): Promise<ProblemDetails> => {
  try {
    return (await response.json()) as ProblemDetails;
  } catch {
    const detail = `the console answered ${String(response.status)} without saying why`;
    return { type: 'about:blank', title: response.statusText, status: response.status, detail };
  }
};

/** A token that was known is not any more: without it this machine may read still. */
const dropToken = (): void => {
  sessionStorage.removeItem(TOKEN_KEY);
  session.set(null);
  token.set(null);
};

/** What a refusal means for the token of this tab. */
export const heedRefusal = (status: number): void => {
  if (status !== 401) return;
  const held = token.get();
  if (held === null) isTokenNeeded.set(true);
  else if (held === sessionStorage.getItem(TOKEN_KEY)) dropToken();
};

const answered = async (response: Response): Promise<Response> => {
  if (response.ok) return response;
  const problem = await problemOf(response);
  heedRefusal(response.status);
  throw new ProblemError(problem);
};

const UNREACHABLE: ProblemDetails = {
  type: 'about:blank',
  title: 'Unreachable',
  status: 0,
  detail: 'The console does not answer. Is the daemon running? This page tries again by itself.',
};

const send = async (path: string, init: RequestInit): Promise<Response> => {
  let response: Response;
  try {
    response = await fetch(`${API}/${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ProblemError(UNREACHABLE);
  }
  return answered(response);
};

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await send(path, { headers: authorization(), ...(signal && { signal }) })).json() as Promise<T>;

export const post = async <T>(path: string, body: object): Promise<T> =>
  (
    await send(path, {
      method: 'POST',
      headers: { ...authorization(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json() as Promise<T>;

/** A download with the token, which a link could not carry. */
export const download = async (path: string, name: string): Promise<void> => {
  const blob = await (await send(path, { headers: authorization() })).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};

export const askSession = async (): Promise<void> => {
  session.set(await get<Session>('session'));
  isTokenNeeded.set(false);
};

/** What was read with it goes from the screen too. */
export const forgetToken = (): void => {
  dropToken();
  location.reload();
};

/** Takes it when the console knows it; throws the console's words otherwise. */
export const takeToken = async (text: string): Promise<void> => {
  // What a header can carry; RFC 6750 allows no more.
  if (!/^[\x21-\x7e]+$/.test(text.trim()))
    throw new Error('a token has no spaces and only plain letters, digits and signs');
  const before = token.get();
  token.set(text.trim());
  try {
    await askSession();
    sessionStorage.setItem(TOKEN_KEY, text.trim());
  } catch (error) {
    token.set(before);
    throw error;
  }
};

export const id = encodeURIComponent;
