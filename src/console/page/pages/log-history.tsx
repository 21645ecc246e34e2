/** What was found, told, ordered and done, in one time line: `fdir log history`. */
import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LogHistory } from '../../api/log-history';
import type { MissionView } from '../../api/overview';
import { useResource } from '../hooks';
import { Empty, Failure, Loading, Section, SeverityMark, TableFrame, Time } from '../parts/basic';
import { FilterButtons } from '../parts/filter-buttons';
import { LogTabs } from '../parts/log-tabs';
import { OlderNewer } from '../parts/older-newer';
import { hrefTo, replaceQuery } from '../route';
import { Choice, formQuery, picked, SEVERITIES, Words } from './log-filters';

type Item = LogHistory['items'][number];

const FILTERS = ['text', 'since', 'until', 'kind', 'equipment', 'fault', 'severity', 'rule'];
/** How often the newest page is asked for: seldom when the log is looked through for a filter. */
const REFRESH_MS = 5000;
const REFRESH_FILTERED_MS = 30_000;

const Filter = ({ query, kinds }: { query: URLSearchParams; kinds: readonly string[] }) => {
  const { data: mission } = useResource<MissionView>('mission');
  const value = (name: string): string => query.get(name) ?? '';
  const named = (items: readonly { id: string; title: string }[] = []) => [
    ...items.map(({ id, title }) => [id, title] as const),
    ['unknown', 'unknown'] as const,
  ];
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter the history"
      key={query.toString()}
      onSubmit={(event) => {
        event.preventDefault();
        replaceQuery(formQuery(event.currentTarget));
      }}
    >
      <Words name="text" label="Text" value={value('text')} hint="words in it" />
      <Words name="since" label="Since" value={value('since')} hint="2h, or a time" />
      <Words name="until" label="Until" value={value('until')} hint="2026-03-02T…Z" />
      <Choice name="kind" label="Kind" value={value('kind')} options={kinds.map((kind) => [kind, kind] as const)} />
      <Choice name="equipment" label="Equipment" value={value('equipment')} options={named(mission?.equipment)} />
      <Choice name="fault" label="Fault" value={value('fault')} options={named(mission?.faults)} />
      <Choice name="severity" label="Severity" value={value('severity')} options={SEVERITIES} />
      <Words name="rule" label="Rule" value={value('rule')} />
      <FilterButtons
        clear={() => {
          replaceQuery(new URLSearchParams());
        }}
      />
    </form>
  );
};

const About = ({ kind, about }: Item) =>
  kind === 'anomaly' ? (
    <a data-row href={hrefTo('anomalies', about)}>
      {about}
    </a>
  ) : (
    <>{about}</>
  );

const Table = ({ items }: { items: readonly Item[] }) => (
  <TableFrame label="History">
    <table class="log-table">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Kind</th>
          <th scope="col">About</th>
          <th scope="col">Severity</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item, index) => (
          <Fragment key={index}>
            <tr>
              <td>
                <Time at={item.time} />
              </td>
              <td>{item.kind}</td>
              <td>
                <About {...item} />
              </td>
              <td>{item.severity === null ? '–' : <SeverityMark severity={item.severity} />}</td>
            </tr>
            <tr class="more">
              <td colSpan={4}>{item.text}</td>
            </tr>
          </Fragment>
        ))}
      </tbody>
    </table>
  </TableFrame>
);

const Nothing = ({ unknown, isFiltered }: { unknown: readonly string[]; isFiltered: boolean }) => (
  <Empty>
    {isFiltered ? 'Nothing fits. Widen the filter, or clear it.' : 'Nothing has happened yet.'}
    {unknown.map((problem) => ` The filter: ${problem}.`)}
  </Empty>
);

export const LogHistoryPage = ({ query }: { query: URLSearchParams }) => {
  const filter = picked(query, FILTERS);
  const key = filter.toString();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  useEffect(() => {
    setCursors([]);
  }, [key]);
  const cursor = cursors.at(-1);
  const page = new URLSearchParams(filter);
  if (cursor !== undefined) page.set('cursor', cursor);
  const { data, error, reload } = useResource<LogHistory>(`log/history?${page.toString()}`);
  useEffect(() => {
    if (cursor !== undefined) return;
    const timer = setInterval(reload, key === '' ? REFRESH_MS : REFRESH_FILTERED_MS);
    return () => {
      clearInterval(timer);
    };
  }, [cursor, key, reload]);
  return (
    <>
      <h1 class="page-title">Log</h1>
      <LogTabs target="history" />
      <Filter query={filter} kinds={data?.kinds ?? [...filter.getAll('kind')]} />
      <Section title="History">
        {error !== null && <Failure error={error} again={reload} />}
        {data === null && error === null && <Loading />}
        {data?.items.length === 0 && <Nothing unknown={data.unknown} isFiltered={key !== ''} />}
        {data !== null && data.items.length > 0 && <Table items={data.items} />}
        {typeof data?.completeSince === 'string' && (
          <p>
            Rows before <Time at={data.completeSince} /> were not all looked through. Narrow the filter, or set{' '}
            <em>Until</em> to that time.
          </p>
        )}
        <OlderNewer label="Pages of the history" cursors={cursors} next={data?.next ?? null} go={setCursors} />
      </Section>
    </>
  );
};
