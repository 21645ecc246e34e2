/** Dark or light: as the system says, until a person says otherwise. */
import { createStore } from './store';

export type Theme = 'auto' | 'dark' | 'light';
const KEY = 'fdir.theme';
const themes: readonly Theme[] = ['auto', 'dark', 'light'];
const stored = localStorage.getItem(KEY);

export const theme = createStore<Theme>(themes.find((name) => name === stored) ?? 'auto');
const prefersLight = matchMedia('(prefers-color-scheme: light)');
/** Which one shows; charts, which are pictures, draw again when it changes. */
export const shownTheme = createStore<'dark' | 'light'>('dark');

const apply = (): void => {
  const chosen = theme.get();
  const shown = chosen === 'auto' ? (prefersLight.matches ? 'light' : 'dark') : chosen;
  document.documentElement.dataset['theme'] = shown;
  shownTheme.set(shown);
};
theme.subscribe(apply);
prefersLight.addEventListener('change', apply);
apply();

export const nextTheme = (): void => {
  const next = themes[(themes.indexOf(theme.get()) + 1) % themes.length] ?? 'auto';
  localStorage.setItem(KEY, next);
  theme.set(next);
};

/** A colour of the design tokens, for what is drawn on a canvas. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
