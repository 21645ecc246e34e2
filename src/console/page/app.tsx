/** The frame of every page: who and where, the way to the others, and whether any of it is still true. */
import { useEffect, useRef } from 'preact/hooks';
import { daemonTimeAt } from './clock';
import { useNow } from './hooks';
import { heardAt, lost, overview } from './live';
import { AnomalyPage } from './pages/anomaly';
import { DaemonEventsPage } from './pages/daemon-events';
import { LivePage } from './pages/live';
import { LogHistoryPage } from './pages/log-history';
import { LogPage } from './pages/log';
import { ModelPage } from './pages/model';
import { OverviewPage } from './pages/overview';
import { RecoveryPage } from './pages/recovery';
import { ReplayPage } from './pages/replay';
import { RulesPage } from './pages/rules';
import { ShiftPage } from './pages/shift';
import { ToDoPage } from './pages/todo';
import { Announcer } from './parts/announcer';
import { Status } from './parts/basic';
import { OrderDialog } from './parts/orders';
import { openHelp, Shortcuts } from './parts/shortcuts';
import { TokenDialog, Who } from './parts/token-dialog';
import { hrefTo, route, type Route } from './route';
import { useStore } from './store';
import { nextTheme, theme } from './theme';
import { byDayOfYear, duration } from './time';
import { DAEMON } from './words';

const PAGES = [
  ['overview', 'Overview'],
  ['todo', 'To do'],
  ['live', 'Live'],
  ['log', 'Log'],
  ['shift', 'Shift'],
  ['rules', 'Rules'],
  ['model', 'Model'],
  ['replay', 'Replay'],
] as const;
/** The pulse comes every second; who hears nothing for so long shows the past. */
const STALE_MS = 5000;

const Page = ({ at }: { at: Route }) => {
  switch (at.page) {
    case 'overview':
      return <OverviewPage />;
    case 'todo':
      return <ToDoPage />;
    case 'shift':
      return <ShiftPage part={at.target} />;
    case 'anomalies':
      return <AnomalyPage key={at.target} target={at.target} />;
    case 'actions':
      return <RecoveryPage key={at.target} target={at.target} />;
    case 'live':
      return <LivePage query={at.query} />;
    case 'log':
      if (at.target === 'events') return <DaemonEventsPage query={at.query} />;
      return at.target === 'history' ? <LogHistoryPage query={at.query} /> : <LogPage query={at.query} />;
    case 'rules':
      return <RulesPage target={at.target} />;
    case 'model':
      return <ModelPage />;
    case 'replay':
      return <ReplayPage target={at.target} query={at.query} />;
    default:
      return (
        <p class="empty">
          There is no such page. <a href={hrefTo('overview')}>Overview</a>
        </p>
      );
  }
};

const Connection = () => {
  const now = useNow();
  const heard = useStore(heardAt);
  const why = useStore(lost);
  const view = useStore(overview);
  const daemonTime = view === null || heard === null ? now : daemonTimeAt(view.pulse, heard, now);
  const isStale = heard === null ? why !== null : now - heard > STALE_MS || why !== null;
  useEffect(() => {
    document.documentElement.dataset['stale'] = String(isStale);
  }, [isStale]);
  return (
    <>
      <div class="clock">
        <span>{byDayOfYear(daemonTime)}</span>
        {view !== null && !isStale && (
          <Status status={DAEMON[view.pulse.state].status}>{DAEMON[view.pulse.state].label}</Status>
        )}
        {isStale && <Status status="critical">Stale</Status>}
      </div>
      <div class="stale-slot" role="alert">
        {isStale && (
          <p class="stale-banner">
            <strong>NOT UP TO DATE</strong>{' '}
            {heard === null
              ? 'Nothing has been heard from the daemon yet'
              : `Nothing has been heard from the daemon since ${byDayOfYear(heard)}`}
            {why !== null && ` (${why})`}. Trying again.
          </p>
        )}
      </div>
      {isStale && heard !== null && (
        <p class="stale-age" aria-hidden="true">
          what you see is {duration((now - heard) / 1000)} old
        </p>
      )}
    </>
  );
};

const TITLES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(PAGES),
  anomalies: 'Anomaly',
  actions: 'Recovery',
};

export const App = () => {
  const at = useStore(route);
  const view = useStore(overview);
  const chosen = useStore(theme);
  const main = useRef<HTMLElement>(null);
  const place = `${at.page}/${at.target}`;
  const isFirst = useRef(true);
  useEffect(() => {
    document.title =
      `${at.page === 'anomalies' ? at.target : (TITLES[at.page] ?? 'Console')} · FDIR ${view?.spacecraft ?? ''}`.trim();
  }, [place, view?.spacecraft]);
  useEffect(() => {
    // A person who goes to another page begins at its top; whoever steps through a replay stays there.
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [place]);
  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={hrefTo('overview')}>
          FDIR <b>{view?.spacecraft ?? ''}</b>
        </a>
        <nav aria-label="Pages">
          <ul>
            {PAGES.map(([page, label]) => (
              <li key={page}>
                <a href={hrefTo(page)} aria-current={at.page === page ? 'page' : undefined}>
                  {label}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <Connection />
        <div class="tools">
          <button type="button" class="plain" onClick={nextTheme} aria-label={`Theme: ${chosen}`}>
            {chosen === 'auto' ? '◐' : chosen === 'dark' ? '●' : '○'} {chosen}
          </button>
          <button type="button" class="plain" onClick={openHelp} aria-label="Keys and help">
            ?
          </button>
          <Who />
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        <Page at={at} />
      </main>
      <Announcer />
      <OrderDialog />
      <TokenDialog />
      <Shortcuts />
    </>
  );
};
