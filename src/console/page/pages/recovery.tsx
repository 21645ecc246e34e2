/** One recovery: what it did, why, and how it ended. */
import { useEffect } from 'preact/hooks';
import type { RecoveryAccount } from '../../api/recovery';
import { id, ProblemError } from '../client';
import { useResource } from '../hooks';
import { onChange } from '../live';
import { Empty, Failure, Loading, Section } from '../parts/basic';
import { RecoveryPart } from '../parts/recovery';
import { hrefTo } from '../route';
import { percent, spoken } from '../words';

export const RecoveryPage = ({ target }: { target: string }) => {
  const { data, error, reload } = useResource<RecoveryAccount>(`actions/${id(target)}`);
  useEffect(
    () =>
      onChange((event) => {
        if (event.name === 'snapshot' || (event.name === 'recovery' && event.data.id === target)) reload();
      }),
    [target, reload],
  );
  if (data === null && error instanceof ProblemError && error.problem.status === 404)
    return (
      <>
        <h1 class="page-title">No such recovery</h1>
        <Empty>
          The log has none called <code>{target}</code>. What there is stands in the <a href={hrefTo('log')}>log</a>.
        </Empty>
      </>
    );
  if (data === null) return error === null ? <Loading /> : <Failure error={error} again={reload} />;
  const { recovery } = data;
  return (
    <>
      <h1 class="page-title">
        {recovery.ruleTitle} <span class="quiet">on {recovery.equipment.toUpperCase()}</span>
      </h1>
      <p class="crumbs">
        <a href={hrefTo('anomalies', recovery.explanationId)}>
          What it answers: {spoken(recovery.fault)}, {percent(recovery.confidence)}
        </a>
        <code>{recovery.id}</code>
      </p>
      <Section title="Recovery">
        <RecoveryPart account={data} isLive />
      </Section>
    </>
  );
};
