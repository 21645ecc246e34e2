import { useEffect, useState } from 'preact/hooks';
import type { AnomalyAccount } from '../../api/anomalies';
import type { ReplayList, ReplayView } from '../../api/replay';
import { id } from '../client';
import { useResource } from '../hooks';
import { onChange, overview } from '../live';
import { AccountParts } from '../parts/account';
import { Empty, Failure, Loading, Section, Time } from '../parts/basic';
import { askFor } from '../parts/orders';
import { goTo, hrefTo } from '../route';
import { useStore } from '../store';
import { count, DAEMON, percent, spoken } from '../words';

const SPEEDS = [
  ['afap', 'as fast as possible'],
  ['100x', '100 times'],
  ['10x', '10 times'],
  ['realtime', 'as it was'],
] as const;

const Live = () => {
  const view = useStore(overview);
  return (
    <Section title="Live" class="beside">
      {view === null ? (
        <Loading />
      ) : (
        <dl class="lines">
          <dt>{view.title}</dt>
          <dd>{DAEMON[view.pulse.state].label}</dd>
          <dt>Newest frame</dt>
          <dd>{view.pulse.packetTime === null ? 'none yet' : <Time at={view.pulse.packetTime} />}</dd>
          <dt>Open</dt>
          <dd>
            <a href={hrefTo('overview')}>
              {count(view.openAnomalies.length, 'anomaly', 'anomalies')}, {count(view.alarms.length, 'alarm')}
            </a>
          </dd>
        </dl>
      )}
    </Section>
  );
};

const Run = ({ run, at }: { run: ReplayView; at: number }) => {
  const item = run.anomalies[at];
  const { data, error, reload } = useResource<AnomalyAccount>(
    item === undefined ? null : `replays/${id(run.id)}/anomalies/${id(item.id)}`,
  );
  useEffect(reload, [item?.revision]);
  const step = (to: number): void => {
    goTo(hrefTo('replay', run.id, new URLSearchParams({ at: String(to) })));
  };
  return (
    <section class="not-live" aria-label="Replay, not live">
      <p class="not-live-banner">
        <strong>NOT LIVE</strong> Replay of {run.pass}, started by {run.startedBy}. Nothing of it leaves, and none of it
        is in the log.
      </p>
      <dl class="facts">
        <div>
          <dt>State</dt>
          <dd>
            {run.state} {run.message}
          </dd>
        </div>
        <div>
          <dt>Read</dt>
          <dd>
            <progress max={1} value={run.progress} aria-label="Share of the recording that is read" />{' '}
            {percent(run.progress)}
          </dd>
        </div>
        <div>
          <dt>In the recording</dt>
          <dd>{run.packetTime === null ? '–' : <Time at={run.packetTime} />}</dd>
        </div>
        <div>
          <dt>Windows</dt>
          <dd>{run.windows.toLocaleString('en-GB')}</dd>
        </div>
        <div>
          <dt>Would request</dt>
          <dd>{run.actions}</dd>
        </div>
      </dl>
      {run.state === 'running' && (
        <button
          type="button"
          onClick={() => {
            askFor({
              title: 'Stop the replay',
              text: 'What it found so far stays here.',
              path: `replays/${id(run.id)}/stop`,
              verb: 'Stop',
              isPlain: true,
            });
          }}
        >
          Stop
        </button>
      )}
      <nav class="stepper" aria-label="Anomalies of the replay">
        <button
          type="button"
          disabled={at <= 0}
          onClick={() => {
            step(at - 1);
          }}
        >
          ← Previous
        </button>
        <span aria-live="polite">
          {run.anomalies.length === 0
            ? 'no anomaly yet'
            : `anomaly ${String(at + 1)} of ${String(run.anomalies.length)}`}
        </span>
        <button
          type="button"
          disabled={at >= run.anomalies.length - 1}
          onClick={() => {
            step(at + 1);
          }}
        >
          Next →
        </button>
        <ol class="stepper-list">
          {run.anomalies.map((anomaly, index) => (
            <li key={anomaly.id}>
              <a
                data-row
                href={hrefTo('replay', run.id, new URLSearchParams({ at: String(index) }))}
                aria-current={index === at ? 'true' : undefined}
              >
                {anomaly.equipment.toUpperCase()} {spoken(anomaly.fault)} {percent(anomaly.confidence)}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      {error !== null && item !== undefined && <Failure error={error} again={reload} />}
      {data === null && error === null && item !== undefined && <Loading />}
      {data !== null && <AccountParts account={data} />}
      {item === undefined && run.state !== 'running' && <Empty>The recording has no anomaly.</Empty>}
    </section>
  );
};

export const ReplayPage = ({ target, query }: { target: string; query: URLSearchParams }) => {
  const { data, error, reload } = useResource<ReplayList>('replays');
  const [runs, setRuns] = useState<ReadonlyMap<string, ReplayView>>(new Map());
  useEffect(
    () =>
      onChange((event) => {
        if (event.name === 'replay') setRuns((before) => new Map(before).set(event.data.id, event.data));
      }),
    [],
  );
  const known = (data?.runs ?? []).map((run) => runs.get(run.id) ?? run);
  const all = [...known, ...[...runs.values()].filter(({ id: other }) => !known.some((run) => run.id === other))];
  const run = all.find((item) => item.id === target);
  const start = (pass: string): void => {
    askFor({
      title: `Replay ${pass}`,
      text: 'It runs in a process of its own beside the live one. Nothing of it is live, and no request can leave.',
      path: 'replays',
      body: { pass },
      choices: [{ name: 'speed', label: 'Speed', options: SPEEDS }],
      isPlain: true,
      verb: 'Start',
      onDone: (answer) => {
        const begun = answer as ReplayView;
        setRuns((before) => new Map(before).set(begun.id, before.get(begun.id) ?? begun));
        goTo(hrefTo('replay', begun.id));
      },
    });
  };
  return (
    <>
      <h1 class="page-title">Replay</h1>
      <div class="replay-grid">
        <div>
          <Live />
          <Section title="Recorded passes">
            {error !== null && <Failure error={error} again={reload} />}
            {data?.isAvailable === false && (
              <Empty>
                No recordings: name their folder in <code>console.passes</code> of the daemon’s configuration.
              </Empty>
            )}
            {data?.isAvailable === true && data.passes.length === 0 && (
              <Empty>The folder holds no recording (CSV or NDJSON).</Empty>
            )}
            <ul class="passes">
              {data?.passes.map((pass) => (
                <li key={pass.name}>
                  <span>{pass.name}</span>{' '}
                  <span class="quiet">{Math.ceil(pass.bytes / 1024).toLocaleString('en-GB')} KiB</span>
                  <button
                    type="button"
                    aria-label={`Replay ${pass.name}`}
                    onClick={() => {
                      start(pass.name);
                    }}
                  >
                    Replay
                  </button>
                </li>
              ))}
            </ul>
          </Section>
          <Section title="Runs">
            {all.length === 0 && <Empty>{data?.isAvailable === false ? 'None.' : 'None yet: start one above.'}</Empty>}
            <ul class="passes">
              {all.map((item) => (
                <li key={item.id}>
                  <a href={hrefTo('replay', item.id)} aria-current={item.id === target ? 'true' : undefined}>
                    {item.pass}
                  </a>{' '}
                  <span class="quiet">
                    {item.state}, {count(item.anomalies.length, 'anomaly', 'anomalies')}
                  </span>
                </li>
              ))}
            </ul>
          </Section>
        </div>
        {run === undefined ? (
          <div class="panel">
            <Empty>
              {data?.isAvailable === false
                ? 'Here a recorded pass runs beside the live one, once there are recordings to choose from.'
                : 'Choose a recorded pass: it runs beside the live one, and its anomalies are stepped through here.'}
            </Empty>
          </div>
        ) : (
          <Run key={run.id} run={run} at={Math.max(0, Number.parseInt(query.get('at') ?? '0', 10) || 0)} />
        )}
      </div>
    </>
  );
};
