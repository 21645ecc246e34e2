/** One recovery in a list: what it asks for, of which equipment, and how long a person has. */
import { tellConfidence } from '../../../core/anomaly/likelihood';
import type { RecoveryView } from '../../api/recovery';
import { hrefTo } from '../route';
import { duration } from '../time';
import { RECOVERY, spoken } from '../words';
import { argumentsText, RecoveryActions } from './alarm-actions';

/** How long a person has. @param missionNow packet time; null before the first packet. */
export const Countdown = ({ recovery, missionNow }: { recovery: RecoveryView; missionNow: number | null }) => {
  if (missionNow === null) return null;
  const left = (Date.parse(recovery.deadline ?? recovery.expiry) - missionNow) / 1000;
  return (
    <span class={left < 60 ? 'countdown is-short' : 'countdown'} role="timer" aria-label="Expires in">
      {left > 0 ? `expires in ${duration(left)}` : 'has expired'}
    </span>
  );
};

export const RecoveryRow = ({
  recovery,
  isGone,
  missionNow,
}: {
  recovery: RecoveryView;
  isGone: boolean;
  missionNow: number | null;
}) => {
  const step = recovery.steps[recovery.step];
  return (
    <li class={`request ${isGone ? 'is-gone' : ''}`}>
      <div class="request-what">
        <a data-row href={hrefTo('anomalies', recovery.explanationId)}>
          <b>{step?.command ?? recovery.ruleTitle}</b>{' '}
          {step !== undefined && <code>{argumentsText(step.arguments)}</code>}
        </a>
        <span>
          {recovery.ruleTitle}: {recovery.equipment.toUpperCase()} {spoken(recovery.fault)},{' '}
          {tellConfidence(recovery.confidence)}
        </span>
        {step !== undefined && <span class="quiet">{step.because}</span>}
      </div>
      <div class="request-when">
        <span class={`state state-${recovery.state}`}>
          {isGone ? 'over' : (RECOVERY[recovery.state] ?? recovery.state)}
        </span>
        {recovery.state === 'waiting' && !isGone && <Countdown recovery={recovery} missionNow={missionNow} />}
        {!isGone && <RecoveryActions recovery={recovery} />}
      </div>
    </li>
  );
};
