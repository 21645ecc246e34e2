/** The account of an anomaly keeps what led up to it and its worst windows; the history of telemetry has what lies between. */
import type { AnomalyAccount, Series } from '../api/anomalies';
import type { HistoryAnswer } from '../api/history';

type Value = number | null;

/** Points of the history that lie where the account has nothing, by their time. */
const missing = (
  account: AnomalyAccount,
  history: HistoryAnswer,
): readonly (readonly [time: number, point: number])[] => {
  const kept = account.times
    .map((time, at) => [Date.parse(time), at] as const)
    .filter(([, at]) => account.series.some(({ measured }) => (measured[at] ?? null) !== null))
    .map(([time]) => time);
  const step = history.stepSeconds * 1000;
  const from = Date.parse(history.from);
  let next = 0;
  return Array.from({ length: history.points }, (_, point) => [from + point * step, point] as const).filter(
    ([time]) => {
      while ((kept[next] ?? Infinity) < time) next += 1;
      const [before, after] = [kept[next - 1] ?? -Infinity, kept[next] ?? Infinity];
      return time - before > step / 2 && after - time > step / 2;
    },
  );
};

/** The account with the history's values in its holes. What the account kept itself stays as it is: it is what was judged. */
export const fillHoles = (account: AnomalyAccount, history: HistoryAnswer): AnomalyAccount => {
  const found = new Map(history.series.map((item) => [item.parameter, item]));
  const points = missing(account, history).filter(([, point]) =>
    history.series.some(({ mean }) => (mean[point] ?? null) !== null),
  );
  if (points.length === 0) return account;
  const columns = [
    ...account.times.map((time, at) => ({ time: Date.parse(time), at, point: -1 })),
    ...points.map(([time, point]) => ({ time, at: -1, point })),
  ]
    // A hole of the account is one no longer.
    .filter(({ at }) => at < 0 || account.series.some(({ measured }) => (measured[at] ?? null) !== null))
    .sort((a, b) => a.time - b.time);
  const row = (own: readonly Value[], more: readonly Value[] | undefined): Value[] =>
    columns.map(({ at, point }) => (at >= 0 ? (own[at] ?? null) : (more?.[point] ?? null)));
  return {
    ...account,
    times: columns.map(({ time }) => new Date(time).toISOString()),
    series: account.series.map((series): Series => {
      const more = found.get(series.parameter);
      return {
        ...series,
        measured: row(series.measured, more?.mean),
        expected: row(series.expected, more?.expected),
        reconstruction: row(series.reconstruction, undefined),
      };
    }),
  };
};

/** What of the history an account lacks: its contributing parameters, from before it began until it ended. */
export const historyOf = ({ times, series, isLive }: AnomalyAccount): string | null => {
  const [first, last] = [times[0], times.at(-1)];
  if (!isLive || first === undefined || last === undefined || first === last) return null;
  const ids = series.slice(0, 40).map(({ parameter }) => encodeURIComponent(parameter));
  return `history?parameters=${ids.join(',')}&from=${first}&to=${last}&points=900`;
};
