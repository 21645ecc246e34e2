/** A recovery: what it would do, why the rule said so, and how it went. */
import type { RecoveryAccount } from '../../api/recovery';
import { hrefTo } from '../route';
import { traceTree, type TraceNode } from '../trace-tree';
import { RECOVERY } from '../words';
import { argumentsText, RecoveryActions } from './alarm-actions';
import { Time } from './basic';

const SIGNS: Readonly<Record<string, string>> = { true: '✓', false: '✗', stale: '◷', error: '!' };
const Node = ({ node: { item, children } }: { node: TraceNode }) => {
  const truth = item.truth ?? (item.holds ? 'true' : 'false');
  return (
    <li>
      <span class={`truth truth-${truth}`}>
        <span aria-hidden="true">{SIGNS[truth]}</span>{' '}
        {truth === 'true' ? 'holds' : truth === 'false' ? 'does not hold' : truth}
      </span>{' '}
      <code>{item.condition}</code>
      {typeof item.actual !== 'boolean' && (
        <span class="quiet">
          {' '}
          was <b>{String(item.actual)}</b>
        </span>
      )}
      {children.length > 0 && (
        <ul>
          {children.map((child, index) => (
            <Node key={index} node={child} />
          ))}
        </ul>
      )}
    </li>
  );
};
export const Trace = ({ trace }: { trace: RecoveryAccount['trace'] }) =>
  trace.length === 0 ? null : (
    <ul class="trace" aria-label="What the rule met">
      {traceTree(trace).map((node, index) => (
        <Node key={index} node={node} />
      ))}
    </ul>
  );

export const RecoveryPart = ({
  account: { recovery, timeline, trace },
  isLive,
}: {
  account: RecoveryAccount;
  isLive: boolean;
}) => (
  <article class="recovery">
    <h3>
      <a href={hrefTo('rules', recovery.rule)}>{recovery.ruleTitle}</a>{' '}
      <span class={`state state-${recovery.state}`}>{RECOVERY[recovery.state] ?? recovery.state}</span>
    </h3>
    <ol class="steps">
      {recovery.steps.map((step, index) => (
        <li key={step.request} aria-current={index === recovery.step && !recovery.isOver ? 'step' : undefined}>
          <code>
            {step.command}({argumentsText(step.arguments)})
          </code>{' '}
          <span class="quiet">{step.because}</span>
        </li>
      ))}
    </ol>
    <p class="note">
      Authority: {recovery.grant.granted}
      {recovery.grant.granted !== recovery.grant.asked &&
        ` (the rule asks for ${recovery.grant.asked}: ${recovery.grant.reason})`}
      {recovery.approvedBy !== null && `; approved by ${recovery.approvedBy}`}
      {recovery.note !== '' && `; ${recovery.note}`}
    </p>
    {isLive && <RecoveryActions recovery={recovery} />}
    <h4>Why</h4>
    <Trace trace={trace} />
    <h4>How it went</h4>
    {timeline.length === 0 ? (
      <p class="note">Nothing has happened yet.</p>
    ) : (
      <ol class="timeline">
        {timeline.map((step, index) => (
          <li key={index} class={`at-${step.to}`}>
            <Time at={step.time} />
            <span>
              <b>{RECOVERY[step.to] ?? step.to}</b> <span class="quiet">by {step.by}</span>
              {step.note !== '' && <span> – {step.note}</span>}
            </span>
          </li>
        ))}
      </ol>
    )}
  </article>
);
