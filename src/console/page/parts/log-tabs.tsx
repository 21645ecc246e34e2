/** The lists of the log, side by side. */
import { hrefTo } from '../route';

const TABS = [
  ['', 'Anomalies'],
  ['history', 'History'],
  ['events', 'Daemon events'],
] as const;

export const LogTabs = ({ target }: { target: string }) => (
  <nav class="tabs" aria-label="Lists of the log">
    {TABS.map(([name, label]) => (
      <a key={name} href={hrefTo('log', name)} aria-current={name === target ? 'page' : undefined}>
        {label}
      </a>
    ))}
  </nav>
);
