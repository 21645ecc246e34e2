/** The tree of one spacecraft: its equipments with their parameters, the score, its anomalies, and a link to the console. */
import type { MissionView } from '../console/api/overview';
import type { DaemonApi } from './daemon-api';
import type { DomainObject, Identifier, OpenMct } from './open-mct';

export const NAMESPACE = 'fdir';
export const PARAMETER_TYPE = 'fdir.parameter';
export const SCORE_TYPE = 'fdir.score';
export const ANOMALIES_TYPE = 'fdir.anomalies';

const ROOT = 'spacecraft';
const OTHERS = 'equipment:';
const idOf = (key: string): Identifier => ({ namespace: NAMESPACE, key });
const locationOf = (key: string): string => `${NAMESPACE}:${key}`;

/** The id behind a key such as `parameter:rw0_speed`. */
export const parameterOf = ({ identifier }: DomainObject): string =>
  identifier.key.slice(identifier.key.indexOf(':') + 1);

const time = { key: 'utc', source: 'utc', name: 'Time', format: 'utc', hints: { domain: 1 } };
const range = (key: string, name: string, units: string | null, priority: number): object => ({
  key,
  name,
  format: 'float',
  ...(units !== null && { unit: units }),
  hints: { range: priority },
});

const parameterObject = (mission: MissionView, id: string): DomainObject | undefined => {
  const parameter = mission.parameters.find((item) => item.id === id);
  if (parameter === undefined) return undefined;
  const { title, units, equipment } = parameter;
  return {
    identifier: idOf(`parameter:${id}`),
    type: PARAMETER_TYPE,
    name: title,
    location: locationOf(`equipment:${equipment ?? ''}`),
    telemetry: {
      values: [
        time,
        range('value', 'Measured', units, 1),
        range('expected', 'Expected', units, 2),
        range('min', 'Least', units, 3),
        range('max', 'Greatest', units, 4),
      ],
    },
  };
};

const folder = (key: string, name: string, location: string): DomainObject => ({
  identifier: idOf(key),
  type: 'folder',
  name,
  location,
});

const fixedObject = (mission: MissionView, url: string, key: string): DomainObject | undefined => {
  const location = locationOf(ROOT);
  switch (key) {
    case ROOT:
      return folder(ROOT, `FDIR ${mission.title}`, 'ROOT');
    case 'score':
      return {
        ...{ identifier: idOf(key), type: SCORE_TYPE, name: 'Anomaly score', location },
        telemetry: { values: [time, range('value', 'Score', null, 1)] },
      };
    case 'anomalies':
      return {
        ...{ identifier: idOf(key), type: ANOMALIES_TYPE, name: 'Anomalies', location },
        telemetry: {
          values: [
            time,
            { key: 'equipment', name: 'Equipment', format: 'string' },
            { key: 'fault', name: 'Fault', format: 'string' },
            { key: 'confidence', name: 'Confidence', format: 'string' },
            { key: 'sentence', name: 'What it is', format: 'string' },
            { key: 'link', name: 'Account', format: 'string' },
          ],
        },
      };
    case 'console':
      return {
        ...{ identifier: idOf(key), type: 'hyperlink', name: 'FDIR console', location, url: `${url}/` },
        ...{ displayText: 'Open the FDIR console', displayFormat: 'link', linkTarget: '_blank' },
      };
    case OTHERS:
      return folder(OTHERS, 'Other parameters', location);
    default:
      return undefined;
  }
};

const DAY_MS = 86_400_000;

/** Anomalies of a day as activities of a plan, a row an equipment: what a time strip shows beside telemetry. */
const planObject = async (api: DaemonApi): Promise<DomainObject> => {
  const { items } = await api.anomalies({ limit: '200' });
  const groups: Record<string, object[]> = {};
  for (const { id, equipment, fault, start, end, sentence, severity } of items) {
    const from = Date.parse(start);
    const row = (groups[equipment.toUpperCase()] ??= []);
    row.push({
      ...{ name: fault, start: from, end: end === null ? from + DAY_MS / 24 : Date.parse(end), type: 'anomaly', id },
      ...{ color: severity === 'high' ? '#ff3838' : '#ffb302', textColor: '#000000', description: sentence },
    });
  }
  const body = JSON.stringify(groups);
  return {
    ...{ identifier: idOf('plan'), type: 'plan', name: 'Anomalies on the time line', location: locationOf(ROOT) },
    selectFile: { name: 'anomalies.json', body },
    configuration: { clipActivityNames: true },
  };
};

export const addObjects = (openmct: OpenMct, api: DaemonApi): void => {
  openmct.types.addType(PARAMETER_TYPE, { name: 'Parameter', cssClass: 'icon-telemetry', creatable: false });
  openmct.types.addType(SCORE_TYPE, { name: 'Score', cssClass: 'icon-telemetry', creatable: false });
  openmct.types.addType(ANOMALIES_TYPE, { name: 'Anomalies', cssClass: 'icon-bell', creatable: false });
  openmct.objects.addRoot(idOf(ROOT));
  openmct.objects.addProvider(NAMESPACE, {
    get: async ({ key }) => {
      const mission = await api.mission();
      if (key === 'plan') return planObject(api);
      const fixed = fixedObject(mission, api.url, key);
      if (fixed !== undefined) return fixed;
      const [kind, id = ''] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
      const equipment = mission.equipment.find((item) => item.id === id);
      const found =
        kind === 'equipment' && equipment !== undefined
          ? folder(key, equipment.title, locationOf(ROOT))
          : kind === 'parameter'
            ? parameterObject(mission, id)
            : undefined;
      // Open MCT shows what is missing as such.
      return found ?? { identifier: idOf(key), type: 'unknown', name: `Missing: ${key}` };
    },
  });
  openmct.composition.addProvider({
    appliesTo: ({ identifier, type }) => identifier.namespace === NAMESPACE && type === 'folder',
    load: async (object) => {
      const { equipment, parameters } = await api.mission();
      const { key } = object.identifier;
      const of = (id: string | null): Identifier[] =>
        parameters.filter((item) => (item.equipment ?? null) === id).map((item) => idOf(`parameter:${item.id}`));
      if (key !== ROOT) return of(key === OTHERS ? null : parameterOf(object));
      return [
        ...equipment.map(({ id }) => idOf(`equipment:${id}`)),
        ...(of(null).length > 0 ? [idOf(OTHERS)] : []),
        ...['score', 'anomalies', 'plan', 'console'].map(idOf),
      ];
    },
  });
};
