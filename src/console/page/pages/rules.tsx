import { useEffect } from 'preact/hooks';
import type { RuleList, RuleView } from '../../api/recovery';
import { id } from '../client';
import { useResource } from '../hooks';
import { onChange, overview } from '../live';
import { Empty, Failure, Loading, Status, TableFrame, Time } from '../parts/basic';
import { SwitchMode } from '../parts/function-orders';
import { askFor } from '../parts/orders';
import { useStore } from '../store';
import { duration } from '../time';
import { count, MODE, RECOVERY } from '../words';

const STATUS = { active: 'normal', passive: 'standby', disabled: 'off', off: 'off' } as const;

const setState = (rule: RuleView, state: string): void => {
  const isOn = state === 'active';
  askFor({
    title: `${isOn ? 'Enable' : 'Disable'} ${rule.title}`,
    text: isOn ? 'It acts again as its authority allows.' : 'It is not evaluated until somebody enables it.',
    path: `rules/${id(rule.id)}/state`,
    body: { state },
    verb: isOn ? 'Enable' : 'Disable',
    isReasonRequired: !isOn,
    isGrave: !isOn,
  });
};

const RuleRow = ({ rule, isTarget }: { rule: RuleView; isTarget: boolean }) => {
  const isOff = rule.state === 'disabled' || rule.state === 'off';
  return (
    <tr class={isTarget ? 'is-target' : ''}>
      <th scope="row">
        <span data-row tabIndex={-1} class="rule-title">
          {rule.title}
        </span>
        <code class="alarm-name">
          {rule.id}, level {rule.level}
        </code>
        <details>
          <summary>Condition and reason</summary>
          <pre>{rule.when}</pre>
          <p>{rule.because}</p>
          <p class="quiet">
            asks {rule.commands.join(', ') || 'nothing'}; authority {rule.authority}; cool-down{' '}
            {duration(rule.cooldownSeconds)}
            {rule.oneShot && '; once only'}
            {rule.rearm === 'manual' && '; re-armed by a person'}
            {rule.inhibits.length > 0 && `; inhibits ${rule.inhibits.join(', ')}`}
          </p>
        </details>
      </th>
      <td>
        <Status status={STATUS[rule.state]}>{rule.state}</Status>
        {rule.overriddenBy !== null && (
          <span class="quiet">
            {' '}
            by {rule.overriddenBy}, the file says {rule.configuredState}
          </span>
        )}
      </td>
      <td>
        {rule.firings === null ? '–' : rule.firings === 0 ? 'never' : count(rule.firings, 'time')}
        {rule.lastFiring !== null && (
          <div>
            <span class="quiet">last</span> <Time at={rule.lastFiring} />
          </div>
        )}
      </td>
      <td>
        {rule.counts === null
          ? 'the log cannot be read'
          : Object.entries(rule.counts)
              .map(([state, amount]) => `${RECOVERY[state] ?? state} ${String(amount)}`)
              .join(', ') || '–'}
        {rule.equipment.map((item) => (
          <div key={item.equipment} class="quiet">
            {item.equipment.toUpperCase()}:{' '}
            {item.isSpent ? (
              'spent, until somebody re-arms it'
            ) : item.coolsUntil === null ? (
              'armed'
            ) : (
              <>
                fires again from <Time at={item.coolsUntil} /> on
              </>
            )}
            {item.suppressed > 0 && `, ${String(item.suppressed)} suppressed`}
          </div>
        ))}
      </td>
      <td>
        <span class="buttons">
          <button
            type="button"
            aria-label={`${isOff ? 'Enable' : 'Disable'} ${rule.title}`}
            onClick={() => {
              setState(rule, isOff ? 'active' : 'disabled');
            }}
          >
            {isOff ? 'Enable' : 'Disable'}
          </button>
          <button
            type="button"
            aria-label={`Re-arm ${rule.title}`}
            onClick={() => {
              askFor({
                title: `Re-arm ${rule.title}`,
                text: 'Cool-down and spent shots are forgotten: it may fire at once.',
                path: `rules/${id(rule.id)}/rearm`,
                verb: 'Re-arm',
              });
            }}
          >
            Re-arm
          </button>
        </span>
      </td>
    </tr>
  );
};

export const RulesPage = ({ target }: { target: string }) => {
  const { data, error, reload } = useResource<RuleList>('rules');
  // As it is now, and not as it was when the list was asked for.
  const view = useStore(overview);
  useEffect(
    () =>
      onChange(({ name }) => {
        if (name === 'rule' || name === 'recovery' || name === 'snapshot') reload();
      }),
    [reload],
  );
  const mode = view?.pulse.mode ?? data?.mode;
  return (
    <>
      <h1 class="page-title">Rules</h1>
      {error !== null && <Failure error={error} again={reload} />}
      {data === null && error === null && <Loading />}
      {data !== null && mode !== undefined && (
        <p class="note">
          Recoveries are <b>{mode}</b> ({MODE[mode]})
          {data.sha256 !== '' && (
            <>
              ; rules <code>{data.sha256.slice(0, 12)}</code>
            </>
          )}{' '}
          <SwitchMode mode={mode} />
        </p>
      )}
      {data !== null && data.items.length === 0 && (
        <Empty>
          No rules yet: anomalies are explained and recorded, and nothing is requested. Name a file in{' '}
          <code>rules</code> of the daemon’s configuration, check it with <code>fdir rules check</code>, and start it
          again.
        </Empty>
      )}
      {data !== null && data.items.length > 0 && (
        <div class="panel">
          <TableFrame label="Rules">
            <table class="rules-table">
              <thead>
                <tr>
                  <th scope="col">Rule</th>
                  <th scope="col">State</th>
                  <th scope="col">Fired</th>
                  <th scope="col">Recoveries</th>
                  <th scope="col">To do</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((rule) => (
                  <RuleRow key={rule.id} rule={rule} isTarget={rule.id === target} />
                ))}
              </tbody>
            </table>
          </TableFrame>
        </div>
      )}
    </>
  );
};
