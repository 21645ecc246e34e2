import { describeError } from '../../../domain/errors';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AnomalyList, AnomalySummary, Histogram } from '../../api/anomalies';
import type { MissionView } from '../../api/overview';
import { HistogramBrush } from '../charts/histogram';
import { download } from '../client';
import { useResource } from '../hooks';
import { onChange } from '../live';
import { Empty, Failure, Loading, Section, SeverityMark, TableFrame, Time, Tone, WaitingBar } from '../parts/basic';
import { announce } from '../parts/announcer';
import { hrefTo, replaceQuery } from '../route';
import { figure, percent, RECOVERY, spoken, VERDICT } from '../words';

/** The filters of `fdir log list`. */
const FILTERS = [
  'since',
  'until',
  'spacecraft',
  'equipment',
  'fault',
  'minConfidence',
  'maxConfidence',
  'state',
  'severity',
  'rule',
  'outcome',
  'verdict',
  'text',
];
const ORDER = ['sort', 'order'];

const picked = (query: URLSearchParams, names: readonly string[]): URLSearchParams => {
  const result = new URLSearchParams();
  for (const name of names) {
    const value = query.get(name);
    if (value !== null && value !== '') result.set(name, value);
  }
  return result;
};

const Choice = (props: {
  name: string;
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
}) => (
  <label class="field">
    {props.label}
    <select name={props.name}>
      <option value="">any</option>
      {props.options.map(([value, text]) => (
        <option key={value} value={value} selected={value === props.value}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
const Words = (props: { name: string; label: string; value: string; hint?: string; id?: string }) => (
  <label class="field">
    {props.label}
    <input id={props.id} name={props.name} defaultValue={props.value} placeholder={props.hint} maxLength={200} />
  </label>
);

const FilterForm = ({ query, apply }: { query: URLSearchParams; apply: (query: URLSearchParams) => void }) => {
  const { data: mission } = useResource<MissionView>('mission');
  const value = (name: string): string => query.get(name) ?? '';
  const read = (form: HTMLFormElement): void => {
    const next = new URLSearchParams();
    for (const [name, text] of new FormData(form))
      if (typeof text === 'string' && text.trim() !== '') next.set(name, text.trim());
    apply(next);
  };
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter the log"
      key={picked(query, FILTERS).toString()}
      onSubmit={(event) => {
        event.preventDefault();
        read(event.currentTarget);
      }}
    >
      <Words name="text" label="Text" value={value('text')} hint="words in it" id="log-text" />
      <Words name="since" label="Since" value={value('since')} hint="2h, or a time" />
      <Words name="until" label="Until" value={value('until')} hint="2026-03-02T…Z" />
      <Choice
        name="equipment"
        label="Equipment"
        value={value('equipment')}
        options={[...(mission?.equipment ?? []).map(({ id, title }) => [id, title] as const), ['unknown', 'unknown']]}
      />
      <Choice
        name="fault"
        label="Fault"
        value={value('fault')}
        options={[...(mission?.faults ?? []).map(({ id, title }) => [id, title] as const), ['unknown', 'unknown']]}
      />
      <Choice
        name="state"
        label="State"
        value={value('state')}
        options={[
          ['open', 'open'],
          ['closed', 'closed'],
        ]}
      />
      <Choice
        name="severity"
        label="Severity"
        value={value('severity')}
        options={['high', 'medium', 'low', 'informative'].map((name) => [name, name] as const)}
      />
      <Choice name="outcome" label="Recovery" value={value('outcome')} options={Object.entries(RECOVERY)} />
      <Choice
        name="verdict"
        label="Verdict"
        value={value('verdict')}
        options={[...Object.entries(VERDICT), ['none', 'not judged yet']]}
      />
      <Words name="spacecraft" label="Spacecraft" value={value('spacecraft')} />
      <Words name="rule" label="Rule" value={value('rule')} />
      <Words name="minConfidence" label="Confidence from" value={value('minConfidence')} hint="0.5" />
      <Words name="maxConfidence" label="Confidence to" value={value('maxConfidence')} hint="1" />
      <div class="buttons">
        <button type="submit" class="primary">
          Filter
        </button>
        <button
          type="button"
          onClick={() => {
            apply(new URLSearchParams());
          }}
        >
          Clear
        </button>
      </div>
    </form>
  );
};

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
      <td>{item.state === 'open' ? <Tone tone="bad">open</Tone> : 'closed'}</td>
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
