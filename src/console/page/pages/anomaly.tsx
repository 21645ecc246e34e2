import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { AnomalyAccount } from '../../api/anomalies';
import type { HistoryAnswer } from '../../api/history';
import { id, ProblemError } from '../client';
import { fillHoles, historyOf } from '../fill-holes';
import { useResource } from '../hooks';
import { onChange } from '../live';
import { AccountParts } from '../parts/account';
import { Empty, Failure, Loading } from '../parts/basic';
import { hrefTo } from '../route';

/** What people do shows at once; another revision, which would move plots and figures, waits until it is wanted. */
export const AnomalyPage = ({ target }: { target: string }) => {
  const { data, error, reload } = useResource<AnomalyAccount>(`anomalies/${id(target)}`);
  const [shown, setShown] = useState<AnomalyAccount | null>(null);
  // Without a history, or of a time that it no longer holds, the account stands as it was kept.
  const history = useResource<HistoryAnswer>(shown === null ? null : historyOf(shown));
  const filled = useMemo(
    () => (shown === null || history.data === null ? shown : fillHoles(shown, history.data)),
    [shown, history.data],
  );
  const wanted = useRef(true);
  useEffect(() => {
    if (data === null) return;
    const isSame = shown !== null && shown.anomaly.id === data.anomaly.id;
    if (wanted.current || !isSame || shown.anomaly.revision === data.anomaly.revision) setShown(data);
    else {
      const { anomaly, times, worst, series, revisions } = shown;
      setShown({ ...data, anomaly, times, worst, series, revisions });
    }
    wanted.current = false;
  }, [data]);
  useEffect(
    () =>
      onChange((event) => {
        const isOurs =
          event.name === 'snapshot' ||
          (event.name === 'anomaly' && event.data.id === target) ||
          (event.name === 'verdict' && event.data.id === target) ||
          (event.name === 'recovery' && event.data.explanationId === target) ||
          (event.name === 'alarm' && (event.data.explanationId === target || target in event.data.causes));
        if (isOurs) reload();
      }),
    [target, reload],
  );
  if (shown === null && error instanceof ProblemError && error.problem.status === 404)
    return (
      <>
        <h1 class="page-title">No such anomaly</h1>
        <Empty>
          The log has none called <code>{target}</code>: it may have been forgotten since, or the address was cut off.
          What there is stands in the <a href={hrefTo('log')}>log</a>.
        </Empty>
      </>
    );
  if (shown === null || filled === null || shown.anomaly.id !== target)
    return error === null ? <Loading /> : <Failure error={error} again={reload} />;
  const newer = data !== null && data.anomaly.revision > shown.anomaly.revision ? data.anomaly : null;
  return (
    <>
      <div class="waiting-slot" aria-live="polite">
        {newer !== null && (
          <button
            type="button"
            class="waiting-bar"
            onClick={() => {
              setShown(data);
            }}
          >
            Revision {newer.revision} is there ({newer.state}, {newer.trigger}): show
          </button>
        )}
      </div>
      <AccountParts account={filled} reload={reload} />
    </>
  );
};
