/** What needs a person now, one thing at a time, with its buttons under the thumb: for a phone that is held in one hand. */
import { useState } from 'preact/hooks';
import { alarmStatus } from '../../../core/alarms/severity-status';
import { tellConfidence } from '../../../core/anomaly/likelihood';
import type { Overview } from '../../api/overview';
import { missionTimeAt } from '../clock';
import { useNow, useStableList } from '../hooks';
import { heardAt, overview } from '../live';
import { needsOf, type Need } from '../needs';
import { AlarmActions, argumentsText, RecoveryActions } from '../parts/alarm-actions';
import { sentenceOf } from '../parts/alarm-row';
import { AttentionSwitch } from '../parts/attention-switch';
import { Loading, SeverityMark, Status, Time, WaitingBar } from '../parts/basic';
import { Countdown } from '../parts/recovery-row';
import { hrefTo } from '../route';
import { useStore } from '../store';
import { alarmTitle, ALARM, spoken } from '../words';

const Decision = ({
  recovery,
  now,
}: {
  recovery: Extract<Need, { kind: 'decision' }>['recovery'];
  now: number | null;
}) => {
  const step = recovery.steps[recovery.step];
  return (
    <>
      <p class="todo-mark">
        <Status status="critical">Decide</Status> <Countdown recovery={recovery} missionNow={now} />
      </p>
      <h2>
        {recovery.equipment.toUpperCase()}: {step?.command ?? recovery.ruleTitle}
      </h2>
      {step !== undefined && <code>{argumentsText(step.arguments)}</code>}
      <p>
        {recovery.ruleTitle}, for {spoken(recovery.fault)} ({tellConfidence(recovery.confidence)}).
      </p>
      <p>{step?.because}</p>
      <a href={hrefTo('anomalies', recovery.explanationId)}>Why: the whole account</a>
    </>
  );
};

const AlarmCard = ({ alarm, view }: { alarm: Extract<Need, { kind: 'alarm' }>['alarm']; view: Overview }) => (
  <>
    <p class="todo-mark">
      <SeverityMark severity={alarm.severity} status={alarmStatus(alarm)} /> {ALARM[alarm.state]}
    </p>
    <h2>{alarmTitle(alarm)}</h2>
    <p>{sentenceOf(view, alarm)}</p>
    <p class="quiet">
      since <Time at={alarm.occurrence?.since ?? alarm.trigger.time} />
    </p>
    {alarm.explanationId !== null && <a href={hrefTo('anomalies', alarm.explanationId)}>Why: the whole account</a>}
  </>
);

const Card = ({ need, isGone, view, now }: { need: Need; isGone: boolean; view: Overview; now: number | null }) => (
  <article class={`panel todo-card ${isGone ? 'is-over' : ''}`}>
    {isGone && (
      <p class="note" role="status">
        <Status status="off">This is over, or somebody has taken it.</Status>
      </p>
    )}
    {need.kind === 'decision' ? (
      <Decision recovery={need.recovery} now={now} />
    ) : (
      <AlarmCard alarm={need.alarm} view={view} />
    )}
  </article>
);

/** The one that is shown stays, whatever comes or goes: nothing changes under the thumb. */
const ToDo = ({ view }: { view: Overview }) => {
  const needs = useStableList(needsOf(view), ({ key }) => key);
  const heard = useStore(heardAt) ?? 0;
  const now = useNow();
  const [at, setAt] = useState(0);
  const index = Math.min(at, Math.max(0, needs.rows.length - 1));
  const shown = needs.rows[index];
  const step = (by: number): void => {
    setAt((index + by + needs.rows.length) % needs.rows.length);
  };
  if (shown === undefined)
    return (
      <p class="todo-empty">
        <Status status="normal">Nothing needs you.</Status> <a href={hrefTo('overview')}>Overview</a>
      </p>
    );
  const { item, isGone } = shown;
  return (
    <>
      <WaitingBar
        amount={needs.waiting}
        what="things"
        show={() => {
          needs.show();
          setAt(0);
        }}
      />
      <Card need={item} isGone={isGone} view={view} now={missionTimeAt(view.pulse, heard, now)} />
      <div class="thumb-bar" role="group" aria-label="What to do">
        {!isGone &&
          (item.kind === 'decision' ? (
            <RecoveryActions recovery={item.recovery} />
          ) : (
            <AlarmActions alarm={item.alarm} />
          ))}
        <div class="buttons">
          <button
            type="button"
            aria-label="Previous"
            onClick={() => {
              step(-1);
            }}
          >
            ‹
          </button>
          <span class="todo-place">
            {index + 1} of {needs.rows.length}
          </span>
          <button
            type="button"
            aria-label="Next"
            onClick={() => {
              step(1);
            }}
          >
            ›
          </button>
        </div>
      </div>
    </>
  );
};

export const ToDoPage = () => {
  const view = useStore(overview);
  if (view === null) return <Loading />;
  return (
    <div class="todo">
      <h1 class="page-title">To do now</h1>
      <ToDo view={view} />
      <AttentionSwitch />
    </div>
  );
};
