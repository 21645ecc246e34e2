/** Telemetry for Open MCT: history from the ring, what is new by the stream, limits of the mission, and whether any of it is stale. */
import type { AnomalySummary } from '../console/api/anomalies';
import type { Telemetry } from '../console/api/history';
import type { MissionView } from '../console/api/overview';
import type { DaemonApi } from './daemon-api';
import { ANOMALIES_TYPE, NAMESPACE, parameterOf, SCORE_TYPE } from './objects';
import type { Datum, DomainObject, OpenMct, Staleness, TelemetryRequest } from './open-mct';

/** More would be no finer; the console takes two thousand. */
const MAX_POINTS = 1000;
/** A year is asked for as what the ring holds of it. */
const LATEST = 8.64e15;
const STALE_CHECK_MS = 2000;
/** Nothing new for so many sampling periods, and ten seconds at least. */
const STALE_PERIODS = 5;
const STALE_LEAST_MS = 10_000;

const isOurs = ({ identifier, telemetry }: DomainObject): boolean =>
  identifier.namespace === NAMESPACE && telemetry !== undefined;

const iso = (time: number): string => new Date(Math.min(LATEST, Math.max(-LATEST, time))).toISOString();

const anomalyDatum = (api: DaemonApi, item: AnomalySummary): Datum => ({
  id: item.id,
  utc: Date.parse(item.start),
  equipment: item.equipment.toUpperCase(),
  fault: item.fault,
  confidence: `${String(Math.round(item.confidence * 100))} %`,
  sentence: item.sentence,
  link: `${api.url}/#/anomalies/${encodeURIComponent(item.id)}`,
});

const known = (value: number | null | undefined): number | undefined => value ?? undefined;

const requestAnomalies = async (api: DaemonApi, { start, end, signal }: TelemetryRequest): Promise<Datum[]> => {
  const query = {
    limit: '500',
    ...(start !== undefined && { since: iso(start) }),
    ...(end !== undefined && { until: iso(end) }),
  };
  const { items } = await api.anomalies(query, signal);
  return items.map((item) => anomalyDatum(api, item)).reverse();
};

const requestValues = async (
  api: DaemonApi,
  object: DomainObject,
  { start = 0, end = Date.now(), size = MAX_POINTS, strategy, signal }: TelemetryRequest,
): Promise<Datum[]> => {
  const isScore = object.type === SCORE_TYPE;
  const isLatest = strategy === 'latest' || size === 1;
  const points = Math.max(2, Math.min(MAX_POINTS, isLatest ? 60 : size));
  // The last minutes of the range hold its newest value.
  const from = isLatest ? Math.max(start, end - 15 * 60_000) : start;
  const query = { from: iso(from), to: iso(Math.max(end, from + 1000)), points: String(points) };
  const history = await api.history(isScore ? query : { ...query, parameters: parameterOf(object) }, signal);
  const first = Date.parse(history.from);
  const [series] = history.series;
  const values = isScore ? history.score : (series?.mean ?? []);
  const data = values.flatMap((value, at): Datum[] => {
    if (value === null) return [];
    const utc = first + at * history.stepSeconds * 1000;
    if (isScore || series === undefined) return [{ utc, value }];
    const { expected, min, max } = series;
    return [{ utc, value, expected: known(expected[at]), min: known(min[at]), max: known(max[at]) }];
  });
  return isLatest ? data.slice(-1) : data;
};

/** What of new telemetry belongs to an object. */
const newData = (object: DomainObject, mission: MissionView, { measured, judged }: Telemetry): Datum[] => {
  if (object.type === SCORE_TYPE)
    return judged.flatMap(({ time, score }) => (score === null ? [] : [{ utc: Date.parse(time), value: score }]));
  const row = mission.parameters.findIndex(({ id }) => id === parameterOf(object));
  return measured.flatMap((bucket): Datum[] => {
    const value = bucket.mean[row];
    if (value === null || value === undefined) return [];
    const expected = known(judged.find(({ time }) => time === bucket.time)?.expected[row]);
    return [
      { utc: Date.parse(bucket.time), value, expected, min: known(bucket.min[row]), max: known(bucket.max[row]) },
    ];
  });
};

const subscribe = (api: DaemonApi, object: DomainObject, callback: (datum: Datum) => void): (() => void) => {
  if (object.type === ANOMALIES_TYPE)
    return api.events.listen(({ name, data }) => {
      if (name === 'anomaly') callback(anomalyDatum(api, data as AnomalySummary));
    });
  return api.telemetry.listen(({ name, data }) => {
    if (name !== 'telemetry') return;
    void api.mission().then((mission) => {
      for (const datum of newData(object, mission, data as Telemetry)) callback(datum);
    });
  });
};

type Pair = readonly [number | null, number | null] | null;
const limitsIn = (mission: MissionView, object: DomainObject): { warning: Pair; critical: Pair } => {
  const parameter = mission.parameters.find(({ id }) => id === parameterOf(object));
  return { warning: parameter?.warning ?? null, critical: parameter?.critical ?? null };
};

/** How Open MCT marks a value beyond a limit, the gravest first. */
const LEVELS = [
  ['critical', 'is-limit--red', 'CRITICAL', 'red'],
  ['warning', 'is-limit--yellow', 'WARNING', 'yellow'],
] as const;

const limitProvider = (api: DaemonApi) => {
  let mission: MissionView | undefined;
  void api.mission().then(
    (found) => {
      mission = found;
    },
    () => undefined,
  );
  return {
    supportsLimits: (object: DomainObject): boolean => isOurs(object) && object.type !== ANOMALIES_TYPE,
    getLimitEvaluator: (object: DomainObject) => ({
      evaluate: (datum: Datum, value: { readonly key?: string } | undefined) => {
        const measured = datum[value?.key ?? 'value'];
        if (mission === undefined || typeof measured !== 'number') return undefined;
        const limits = limitsIn(mission, object);
        for (const [level, colour, name] of LEVELS) {
          const [low, high] = limits[level] ?? [null, null];
          if (high !== null && measured > high)
            return { cssClass: `${colour} is-limit--upr`, name: `${name} high`, low: high, high: Infinity };
          if (low !== null && measured < low)
            return { cssClass: `${colour} is-limit--lwr`, name: `${name} low`, low: -Infinity, high: low };
        }
        return undefined;
      },
    }),
    getLimits: (object: DomainObject) => ({
      limits: async () => {
        const limits = limitsIn(await api.mission(), object);
        return Object.fromEntries(
          LEVELS.flatMap(([level, , name, color]) => {
            const [low, high] = limits[level] ?? [null, null];
            if (low === null && high === null) return [];
            const bound = (value: number | null) => (value === null ? {} : { color, value });
            return [[name, { low: bound(low), high: bound(high) }] as const];
          }),
        );
      },
    }),
  };
};

/** Stale when nothing new came for some sampling periods, by a clock that nobody sets. */
const stalenessProvider = (api: DaemonApi) => {
  let newsAt = performance.now();
  api.telemetry.listen(({ name }) => {
    if (name === 'telemetry') newsAt = performance.now();
  });
  const look = async (): Promise<Staleness> => {
    const { periodSeconds } = await api.mission();
    const patience = Math.max(STALE_LEAST_MS, STALE_PERIODS * periodSeconds * 1000);
    return { isStale: performance.now() - newsAt > patience, timestamp: Date.now() };
  };
  return {
    supportsStaleness: (object: DomainObject): boolean => isOurs(object) && object.type !== ANOMALIES_TYPE,
    isStale: look,
    subscribeToStaleness: (_object: DomainObject, callback: (staleness: Staleness) => void): (() => void) => {
      let before: boolean | undefined;
      const timer = setInterval(() => {
        void look().then(
          (now) => {
            if (now.isStale === before) return;
            before = now.isStale;
            callback(now);
          },
          () => undefined,
        );
      }, STALE_CHECK_MS);
      return () => {
        clearInterval(timer);
      };
    },
  };
};

export const addTelemetry = (openmct: OpenMct, api: DaemonApi): void => {
  openmct.telemetry.addProvider({
    supportsRequest: isOurs,
    request: (object: DomainObject, request: TelemetryRequest) =>
      object.type === ANOMALIES_TYPE ? requestAnomalies(api, request) : requestValues(api, object, request),
    supportsSubscribe: isOurs,
    subscribe: (object: DomainObject, callback: (datum: Datum) => void) => subscribe(api, object, callback),
    ...limitProvider(api),
    ...stalenessProvider(api),
  });
};
