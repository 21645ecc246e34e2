/** The whole account of one anomaly, live or of a replay. */
import type { AnomalyAccount } from '../../api/anomalies';
import { AttributionBars } from '../charts/attribution';
import { Conceptogram } from '../charts/heat-map';
import { SeriesPlots } from '../charts/series-plots';
import { id } from '../client';
import { duration } from '../time';
import { shownCommands } from '../../../core/anomaly/sent-commands';
import { tellChance } from '../../../core/anomaly/likelihood';
import { figure, percent, spoken, VERDICT } from '../words';
import { AlarmCycle } from './alarm-cycle';
import { AnomalyNotes } from './anomaly-notes';
import { Empty, Section, Status, Time } from './basic';
import { askFor } from './orders';
import { RecoveryPart, Trace } from './recovery';

const askVerdict = (anomaly: string): void => {
  askFor({
    title: 'Your verdict',
    text: 'It counts in the precision figures, and can be exported as a label to fit by.',
    path: `anomalies/${id(anomaly)}/verdict`,
    choices: [
      {
        name: 'verdict',
        label: 'Verdict',
        options: [
          ['true', 'True alarm: there was a fault'],
          ['false', 'False alarm: there was nothing'],
          ['rare-nominal', 'Rare but nominal: commanded, a manoeuvre'],
        ],
      },
    ],
    verb: 'Record it',
  });
};

/** Which other anomalies this one belongs together with; a replay has no page of its own for each of them. */
const CascadeNote = ({ cascade, isLive }: { cascade: AnomalyAccount['anomaly']['cascade']; isLive: boolean }) => {
  if (cascade === undefined) return null;
  const about = (anomaly: string, equipment: string) =>
    isLive ? <a href={`#/anomalies/${id(anomaly)}`}>{equipment.toUpperCase()}</a> : <b>{equipment.toUpperCase()}</b>;
  if (cascade.role === 'symptom')
    return (
      <p class="note">
        A symptom of {about(cascade.root, cascade.equipment)}: its rules and its alarm are muted by that anomaly.
      </p>
    );
  return (
    <p class="note">
      The root of{' '}
      {cascade.symptoms.map((symptom, index) => (
        <span key={symptom.id}>
          {index > 0 && ', '}
          {about(symptom.id, symptom.equipment)}
        </span>
      ))}
      : their rules and alarms are muted by this anomaly.
    </p>
  );
};

const Heading = ({ account: { anomaly, isLive, verdicts, leastPValue, howSure } }: { account: AnomalyAccount }) => {
  const { verdict, score, state } = anomaly;
  const [newest] = verdicts;
  const lasted = anomaly.end === null ? null : (Date.parse(anomaly.end) - Date.parse(anomaly.start)) / 1000;
  return (
    <header class="account-head">
      <p class="crumbs">
        {state === 'open' ? <Status status="serious">Open</Status> : <Status status="off">Closed</Status>}
        <span>
          revision {anomaly.revision}: {spoken(anomaly.trigger)}
        </span>
        <span>
          judged: <b>{newest === undefined ? 'not yet' : (VERDICT[newest.verdict] ?? newest.verdict)}</b>
        </span>
      </p>
      <h1>
        {verdict.equipment.toUpperCase()}: {spoken(verdict.fault)}{' '}
        <span class="confidence">{percent(verdict.confidence)}</span>
      </h1>
      <p class="sentence">{anomaly.sentence}</p>
      <CascadeNote cascade={anomaly.cascade} isLive={isLive} />
      <dl class="facts">
        <div>
          <dt>Started</dt>
          <dd>
            <Time at={anomaly.start} long />
          </dd>
        </div>
        <div>
          <dt>Detected</dt>
          <dd>
            <Time at={anomaly.detectedAt} />
          </dd>
        </div>
        <div>
          <dt>Ended</dt>
          <dd>
            {anomaly.end === null ? 'lasts' : <Time at={anomaly.end} />}
            {lasted !== null && ` after ${duration(lasted)}`}
          </dd>
        </div>
        <div>
          <dt>Score</dt>
          <dd>
            {figure(score.value)} of {figure(score.threshold)} allowed
          </dd>
        </div>
        <div>
          <dt>How sure</dt>
          <dd>{howSure}</dd>
        </div>
        <div>
          <dt>By chance</dt>
          <dd>{tellChance(score.pValue, leastPValue)}</dd>
        </div>
      </dl>
      {isLive && (
        <p class="buttons">
          <button
            type="button"
            data-key="v"
            onClick={() => {
              askVerdict(anomaly.id);
            }}
          >
            Give a verdict
          </button>
        </p>
      )}
    </header>
  );
};

const named = ({ equipment, fault }: { readonly equipment: string; readonly fault: string }): string =>
  `${equipment.toUpperCase()} ${spoken(fault)}`;

/** What else it may be; the verdict itself is the title of the page. */
const Alternatives = ({ verdict }: { verdict: AnomalyAccount['anomaly']['verdict'] }) => {
  const others = verdict.alternatives.filter((item) => named(item) !== named(verdict));
  const { set } = verdict;
  const isAlone = set?.length === 1 && set.every((item) => named(item) === named(verdict));
  return (
    <Section title="Alternatives">
      {others.length === 0 ? (
        <p>Nothing else reaches 1 %.</p>
      ) : (
        <ol class="alternatives">
          {others.map((item, index) => (
            <li key={index}>
              <meter min={0} max={1} value={item.confidence} aria-label={named(item)} />
              <b>{percent(item.confidence)}</b> {named(item)}
            </li>
          ))}
        </ol>
      )}
      {set !== undefined && (
        <p class="quiet">
          {set.length === 0
            ? 'No known fault is likely enough: the set of nine in ten such cases is empty.'
            : isAlone
              ? 'In nine of ten such cases it is what the verdict says.'
              : `In nine of ten such cases it is ${set.length === 1 ? '' : 'one of '}${set.map(named).join(', ')}.`}
        </p>
      )}
    </Section>
  );
};

/** What was sent around its start, as the plots mark it; that one came before explains nothing by itself. */
const Telecommands = ({ anomaly }: { anomaly: AnomalyAccount['anomaly'] }) => {
  const shown = shownCommands(anomaly.commands, anomaly.start);
  if (shown.length === 0) return null;
  return (
    <Section title="Telecommands">
      <ol class="timeline">
        {shown.map(({ time, text, place }, index) => (
          <li key={index}>
            <Time at={new Date(time).toISOString()} />
            <span>
              <code>{text}</code> <span class="quiet">{place}</span>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
};

/** @param reload asks for the account anew after a person wrote a note; left out of replays, which keep none. */
export const AccountParts = ({ account, reload }: { account: AnomalyAccount; reload?: () => void }) => {
  const { anomaly, recoveries, requests, alarms, revisions, verdicts, notes, isLive } = account;
  const without = requests.filter(({ recovery }) => !recoveries.some((item) => item.recovery.id === recovery));
  return (
    <div class="account">
      <Heading account={account} />
      <div class="columns">
        <div class="column-wide">
          <Section title="Measured against expected">
            {account.series.length === 0 ? (
              <Empty>No telemetry was kept with it.</Empty>
            ) : (
              <SeriesPlots account={account} />
            )}
          </Section>
          <Telecommands anomaly={anomaly} />
          <Section title="Attribution">
            <AttributionBars rows={anomaly.attribution} sufficient={anomaly.sufficient} />
          </Section>
          <Section title="Conceptogram">
            {anomaly.conceptogram.length === 0 ? (
              <Empty>The model has no peepholes.</Empty>
            ) : (
              <Conceptogram rows={anomaly.conceptogram} />
            )}
          </Section>
        </div>
        <div class="column-narrow">
          <Section title="Recovery">
            {recoveries.length + without.length === 0 && <Empty>No rule answered this anomaly.</Empty>}
            {recoveries.map((item) => (
              <RecoveryPart key={item.recovery.id} account={item} isLive={isLive} />
            ))}
            {without.map((request) => (
              <article class="recovery" key={request.id}>
                <h3>
                  {request.rule}{' '}
                  <span class="state">{request.disposition === 'passive' ? 'recorded only' : request.disposition}</span>
                </h3>
                <p class="note">{request.because}</p>
                <Trace trace={request.trace} />
              </article>
            ))}
          </Section>
          <Section title="Alarm">
            {alarms.length === 0 && <Empty>{isLive ? 'No alarm is up for it.' : 'A replay raises no alarm.'}</Empty>}
            {alarms.map((alarm) => (
              <AlarmCycle key={alarm.name} alarm={alarm} isLive={isLive} />
            ))}
          </Section>
          <Alternatives verdict={anomaly.verdict} />
          <Section title="Verdicts of people">
            {verdicts.length === 0 && <Empty>Nobody has judged it yet.</Empty>}
            <ol class="timeline">
              {verdicts.map((entry, index) => (
                <li key={index}>
                  <Time at={entry.time} />
                  <span>
                    <b>{VERDICT[entry.verdict] ?? entry.verdict}</b> <span class="quiet">by {entry.by}</span>
                    {entry.comment !== '' && ` – ${entry.comment}`}
                  </span>
                </li>
              ))}
            </ol>
          </Section>
          <AnomalyNotes notes={notes} anomaly={anomaly.id} reload={isLive ? reload : undefined} />
          <Section title="Revisions">
            <ol class="timeline">
              {revisions.map((revision) => (
                <li key={revision.revision}>
                  <Time at={revision.revisedAt} />
                  <span>
                    <b>{spoken(revision.trigger)}</b> {spoken(revision.verdict.fault)}{' '}
                    {percent(revision.verdict.confidence)}, score {figure(revision.score)}
                  </span>
                </li>
              ))}
            </ol>
          </Section>
          <p class="provenance">
            <code>{anomaly.id}</code>
            <br />
            model {anomaly.model.id} <code title={anomaly.model.sha256}>{anomaly.model.sha256.slice(0, 12)}</code>,
            rules <code title={anomaly.rules.sha256}>{anomaly.rules.sha256.slice(0, 12) || 'none'}</code>
          </p>
        </div>
      </div>
    </div>
  );
};
