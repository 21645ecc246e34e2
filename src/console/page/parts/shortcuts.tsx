/** Keys for those who know them; they can be turned off (WCAG 2.1.4), and nothing needs them. */
import { useEffect } from 'preact/hooks';
import { goTo, hrefTo } from '../route';
import { createStore, useStore } from '../store';
import { nextTheme } from '../theme';
import { Dialog } from './dialog';
import { Legend } from './legend';

const KEY = 'fdir.shortcuts';
const isOn = createStore(localStorage.getItem(KEY) !== 'off');
const isHelpOpen = createStore(false);
export const openHelp = (): void => {
  isHelpOpen.set(true);
};

const PAGES: Readonly<Record<string, string>> = {
  o: 'overview',
  d: 'todo',
  v: 'live',
  l: 'log',
  s: 'shift',
  r: 'rules',
  m: 'model',
  p: 'replay',
};
const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['g then o, d, v, l, s, r, m, p', 'Overview, To do, Live, Log, Shift, Rules, Model, Replay'],
  ['j, k', 'next, previous row'],
  ['Enter', 'open the row'],
  ['a', 'acknowledge the alarm of the anomaly shown'],
  ['s', 'shelve it'],
  ['v', 'give a verdict'],
  ['/', 'search the log'],
  ['← →', 'move the cursor in a focused chart'],
  ['t', 'theme: automatic, dark, light'],
  ['?', 'this help'],
];

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null;

const moveRow = (by: number): void => {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
};
const press = (key: string): void => {
  document.querySelector<HTMLElement>(`main [data-key="${key}"]:not([disabled])`)?.click();
};

let isGoing = false;
const act = (event: KeyboardEvent): void => {
  if (!isOn.get() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const { key } = event;
  const page = isGoing ? PAGES[key] : undefined;
  isGoing = key === 'g' && !isGoing;
  if (page !== undefined) goTo(hrefTo(page));
  else if (key === '?') isHelpOpen.set(true);
  else if (key === 't') nextTheme();
  else if (key === 'j' || key === 'k') moveRow(key === 'j' ? 1 : -1);
  else if (key === '/') {
    event.preventDefault();
    if (location.hash.startsWith('#/log')) document.querySelector<HTMLElement>('#log-text')?.focus();
    else goTo(hrefTo('log', '', new URLSearchParams({ focus: 'text' })));
  } else if (['a', 's', 'v'].includes(key)) press(key);
};

export const Shortcuts = () => {
  const open = useStore(isHelpOpen);
  const on = useStore(isOn);
  useEffect(() => {
    addEventListener('keydown', act);
    return () => {
      removeEventListener('keydown', act);
    };
  }, []);
  const close = (): void => {
    isHelpOpen.set(false);
  };
  return (
    <Dialog isShown={open} titleId="help-title" onClose={close}>
      <form method="dialog">
        <h2 id="help-title">Keys and symbols</h2>
        <dl class="keys">
          {KEYS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <label class="check">
          <input
            type="checkbox"
            checked={on}
            onChange={({ currentTarget }) => {
              localStorage.setItem(KEY, currentTarget.checked ? 'on' : 'off');
              isOn.set(currentTarget.checked);
            }}
          />{' '}
          Single keys do this
        </label>
        <Legend />
        <div class="buttons">
          <button type="submit">Close</button>
        </div>
      </form>
    </Dialog>
  );
};
