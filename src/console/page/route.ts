/** Places inside the page, in the fragment: `#/log?equipment=rw1`, `#/anomalies/{id}`. Every one of them can be sent to a colleague. */
import { createStore } from './store';

export interface Route {
  readonly page: string;
  /** What comes after the page, decoded. */
  readonly target: string;
  readonly query: URLSearchParams;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page = '', ...rest] = path.split('/');
  return {
    page: page === '' ? 'overview' : page,
    target: rest.map(decoded).join('/'),
    query: new URLSearchParams(query),
  };
};

export const hrefTo = (page: string, target = '', query?: URLSearchParams): string => {
  const text = query?.toString() ?? '';
  return `#/${page}${target === '' ? '' : `/${encodeURIComponent(target)}`}${text === '' ? '' : `?${text}`}`;
};

export const route = createStore(parseRoute(location.hash));
addEventListener('hashchange', () => {
  route.set(parseRoute(location.hash));
});

export const goTo = (href: string): void => {
  location.hash = href;
};
/** The same place with another query, without a step in the history. */
export const replaceQuery = (query: URLSearchParams): void => {
  const { page, target } = route.get();
  history.replaceState(null, '', hrefTo(page, target, query));
  route.set(parseRoute(location.hash));
};
