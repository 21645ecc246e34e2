import { describeError } from '../../../domain/errors';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AnomalyList, AnomalySummary, Histogram } from '../../api/anomalies';
import { HistogramBrush } from '../charts/histogram';
import { download } from '../client';
import { useResource } from '../hooks';
import { onChange } from '../live';
import { Empty, Failure, Loading, Section, SeverityMark, Status, TableFrame, Time, WaitingBar } from '../parts/basic';
import { announce } from '../parts/announcer';
import { LogTabs } from '../parts/log-tabs';
import { hrefTo, replaceQuery } from '../route';
import { figure, percent, spoken, VERDICT } from '../words';
import { FilterForm, FILTERS, picked } from './log-filters';

const ORDER = ['sort', 'order'];

const COLUMNS = [
  ['start', 'Start'],
  ['equipment', 'Equipment'],
  ['fault', 'Fault'],
  ['confidence', 'Confidence'],
  ['score', 'Score'],
] as const;

const Row = ({ item }: { item: AnomalySummary }) => (
  <>
    <tr>
      <td>
        <a data-row href={hrefTo('anomalies', item.id)}>
          <Time at={item.start} />
        </a>
      </td>
      <td>{item.equipment.toUpperCase()}</td>
      <td>{spoken(item.fault)}</td>
      <td class="number">{percent(item.confidence)}</td>
      <td class="number">{figure(item.score)}</td>
      <td>
        <SeverityMark severity={item.severity} />
      </td>
      <td>{item.state === 'open' ? <Status status="serious">open</Status> : 'closed'}</td>
      <td>{item.verdict === null ? '–' : VERDICT[item.verdict]}</td>
    </tr>
    <tr class="more">
      <td colSpan={8}>{item.sentence}</td>
    </tr>
  </>
);

const Rows = ({ query, sort }: { query: URLSearchParams; sort: (key: string) => void }) => {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const key = query.toString();
  const page = new URLSearchParams(query);
  page.set('limit', '50');
  const cursor = cursors.at(-1);
  if (cursor !== undefined) page.set('cursor', cursor);
  const { data, error, reload } = useResource<AnomalyList>(`anomalies?${page.toString()}`);
  const shown = useRef<AnomalyList | null>(null);
  if (data !== null) shown.current = data;
  useEffect(() => {
    setCursors([]);
  }, [key]);
  useEffect(
    () =>
      onChange((event) => {
        if (event.name !== 'anomaly') return;
        const { id } = event.data;
        if (shown.current?.items.some((item) => item.id === id) !== true) setFresh((before) => new Set(before).add(id));
      }),
    [],
  );
  const sorted = query.get('sort') ?? 'start';
  const order = query.get('order') ?? 'desc';
  const list = data ?? shown.current;
  const isFiltered = [...query.keys()].some((name) => !['sort', 'order', 'focus'].includes(name));
  return (
    <>
      <WaitingBar
        amount={fresh.size}
        what={fresh.size === 1 ? 'anomaly since' : 'anomalies since'}
        show={() => {
          setFresh(new Set());
          setCursors([]);
          reload();
        }}
      />
      {error !== null && <Failure error={error} again={reload} />}
      {list === null && error === null && <Loading />}
      {list !== null && list.items.length === 0 && (
        <Empty>
          {isFiltered
            ? 'No anomaly fits. Widen the filter, or clear it.'
            : 'No anomaly has been recorded yet. Each is listed here as soon as it is found, and stays until the log forgets it.'}
        </Empty>
      )}
      {list !== null && list.items.length > 0 && (
        <TableFrame label="Anomalies">
          <table class="log-table">
            <thead>
              <tr>
                {COLUMNS.map(([name, label]) => (
                  <th
                    scope="col"
                    key={name}
                    aria-sort={name === sorted ? (order === 'asc' ? 'ascending' : 'descending') : 'none'}
                  >
                    <button
                      type="button"
                      class="plain"
                      onClick={() => {
                        sort(name);
                      }}
                    >
                      {label} <span aria-hidden="true">{name === sorted ? (order === 'asc' ? '↑' : '↓') : ''}</span>
                    </button>
                  </th>
                ))}
                <th scope="col">Severity</th>
                <th scope="col">State</th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody>
              {list.items.map((item) => (
                <Row key={item.id} item={item} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      <nav class="buttons paging" hidden={cursors.length === 0 && list?.next == null} aria-label="Pages of the log">
        <button
          type="button"
          disabled={cursors.length === 0}
          onClick={() => {
            setCursors(cursors.slice(0, -1));
          }}
        >
          Previous
        </button>
        <span>page {cursors.length + 1}</span>
        <button
          type="button"
          disabled={list?.next == null}
          onClick={() => {
            if (list?.next != null) setCursors([...cursors, list.next]);
          }}
        >
          Next
        </button>
      </nav>
    </>
  );
};

export const LogPage = ({ query }: { query: URLSearchParams }) => {
  const filter = picked(query, FILTERS);
  const ordered = picked(query, [...FILTERS, ...ORDER]);
  const histogram = useResource<Histogram>(
    `anomalies/histogram?${new URLSearchParams([...filter, ['buckets', '80']]).toString()}`,
  );
  const wantsFocus = query.get('focus') === 'text';
  useEffect(() => {
    if (wantsFocus) document.querySelector<HTMLElement>('#log-text')?.focus();
  }, [wantsFocus]);
  const apply = (next: URLSearchParams): void => {
    replaceQuery(new URLSearchParams([...next, ...picked(query, ORDER)]));
  };
  const sort = (key: string): void => {
    const isSame = (query.get('sort') ?? 'start') === key;
    const next = new URLSearchParams(filter);
    next.set('sort', key);
    next.set('order', isSame && (query.get('order') ?? 'desc') === 'desc' ? 'asc' : 'desc');
    replaceQuery(next);
  };
  const fetchFile = (format: string): void => {
    const wanted = new URLSearchParams([...filter, ['format', format]]);
    download(`anomalies/export?${wanted.toString()}`, `anomalies.${format}`).then(
      () => {
        announce(`Saved as anomalies.${format}`);
      },
      (error: unknown) => {
        announce(`Nothing was saved: ${describeError(error)}`);
      },
    );
  };
  return (
    <>
      <h1 class="page-title">Log</h1>
      <LogTabs target="" />
      <FilterForm query={query} apply={apply} />
      <Section
        title="Anomalies over time"
        aside={
          <span class="buttons">
            {['csv', 'ndjson', 'parquet'].map((format) => (
              <button
                key={format}
                type="button"
                onClick={() => {
                  fetchFile(format);
                }}
              >
                Export {format === 'parquet' ? 'Parquet' : format.toUpperCase()}
              </button>
            ))}
          </span>
        }
      >
        {histogram.data !== null && (
          <HistogramBrush
            histogram={histogram.data}
            choose={(from, to) => {
              const next = new URLSearchParams(filter);
              next.set('since', from);
              next.set('until', to);
              apply(next);
            }}
          />
        )}
      </Section>
      <Section title="Anomalies">
        <Rows query={ordered} sort={sort} />
      </Section>
    </>
  );
};
