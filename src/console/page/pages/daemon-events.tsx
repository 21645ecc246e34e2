/** What happened to the daemon itself: starts, stops, lost links, refused reloads. */
import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DaemonEventList } from '../../api/daemon-events';
import { useResource } from '../hooks';
import { Empty, Failure, Loading, Section, Status, TableFrame, Time } from '../parts/basic';
import { FilterButtons } from '../parts/filter-buttons';
import { LogTabs } from '../parts/log-tabs';
import { OlderNewer } from '../parts/older-newer';
import { replaceQuery } from '../route';
import { formQuery, picked } from './log-filters';

type Item = DaemonEventList['items'][number];

const FILTERS = ['severity', 'kind', 'since', 'until'];
const STATUS = { info: 'standby', warning: 'caution', error: 'serious' } as const;
/** How often the newest page is asked for. */
const REFRESH_MS = 5000;

const Filter = ({ query, kinds }: { query: URLSearchParams; kinds: readonly string[] }) => {
  const value = (name: string): string => query.get(name) ?? '';
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter the daemon events"
      key={query.toString()}
      onSubmit={(event) => {
        event.preventDefault();
        replaceQuery(formQuery(event.currentTarget));
      }}
    >
      <label class="field">
        Severity
        <select name="severity">
          <option value="">any</option>
          <option value="warning" selected={value('severity') === 'warning'}>
            warning or error
          </option>
          <option value="error" selected={value('severity') === 'error'}>
            error
          </option>
        </select>
      </label>
      <label class="field">
        Kind
        <select name="kind">
          <option value="">any</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind} selected={kind === value('kind')}>
              {kind}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Since
        <input name="since" defaultValue={value('since')} placeholder="2h, or a time" maxLength={40} />
      </label>
      <label class="field">
        Until
        <input name="until" defaultValue={value('until')} placeholder="2026-03-02T…Z" maxLength={40} />
      </label>
      <FilterButtons
        clear={() => {
          replaceQuery(new URLSearchParams());
        }}
      />
    </form>
  );
};

const Table = ({ items }: { items: readonly Item[] }) => (
  <TableFrame label="Daemon events">
    <table class="log-table">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Severity</th>
          <th scope="col">Kind</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ sequence, time, severity, kind, sentence }) => (
          <Fragment key={sequence}>
            <tr>
              <td>
                <Time at={time} />
              </td>
              <td>
                <Status status={STATUS[severity]}>{severity}</Status>
              </td>
              <td>{kind}</td>
            </tr>
            <tr class="more">
              <td colSpan={3}>{sentence}</td>
            </tr>
          </Fragment>
        ))}
      </tbody>
    </table>
  </TableFrame>
);

export const DaemonEventsPage = ({ query }: { query: URLSearchParams }) => {
  const filter = picked(query, FILTERS);
  const key = filter.toString();
  const [cursors, setCursors] = useState<readonly number[]>([]);
  useEffect(() => {
    setCursors([]);
  }, [key]);
  const before = cursors.at(-1);
  const page = new URLSearchParams(filter);
  if (before !== undefined) page.set('before', String(before));
  const { data, error, reload } = useResource<DaemonEventList>(`daemon/events?${page.toString()}`);
  useEffect(() => {
    if (before !== undefined) return;
    const timer = setInterval(reload, REFRESH_MS);
    return () => {
      clearInterval(timer);
    };
  }, [before, reload]);
  return (
    <>
      <h1 class="page-title">Log</h1>
      <LogTabs target="events" />
      <Filter query={filter} kinds={data?.kinds ?? [...filter.getAll('kind')]} />
      <Section title="Daemon events">
        {error !== null && <Failure error={error} again={reload} />}
        {data === null && error === null && <Loading />}
        {data?.items.length === 0 && (
          <Empty>
            {key === '' ? 'Nothing has happened to the daemon yet.' : 'No event fits. Widen the filter, or clear it.'}
          </Empty>
        )}
        {data !== null && data.items.length > 0 && <Table items={data.items} />}
        <OlderNewer label="Pages of the events" cursors={cursors} next={data?.next ?? null} go={setCursors} />
      </Section>
    </>
  );
};
