/** Every name a condition may use and what is known of its values, gathered from the mission, the model and the monitors. */
import { checkingStatuses, functionalStatuses } from '../domain/events';
import { revisionTriggers, UNKNOWN } from '../domain/explanation';
import { equipmentIds, type Mission } from '../domain/mission';
import { severities } from '../domain/monitors';
import { anomalyChanges, equipmentHealths, type RuleEvent, type RuleSet } from '../domain/rules';
import type { Bounds } from '../core/conditions/constraints';

export interface Vocabulary {
  readonly parameters: ReadonlySet<string>;
  readonly equipments: readonly string[];
  readonly monitors: ReadonlySet<string>;
  /** Telecommands that the mission declares; empty when it declares none, and then any name may be asked for. */
  readonly commands: readonly string[];
  /** Finite sets of texts a path can have, by path; a path that is not here can be anything. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** Bounds of numbers, by path; both ends possible. */
  readonly bounds: ReadonlyMap<string, Bounds>;
}

/** Fields of each event as CEL types; `duration` is a google.protobuf.Duration. */
export const EVENT_FIELDS: Readonly<Record<RuleEvent, Readonly<Record<string, string>>>> = {
  anomaly: {
    id: 'string',
    change: 'string',
    state: 'string',
    revision: 'int',
    trigger: 'string',
    equipment: 'string',
    fault: 'string',
    confidence: 'double',
    score: 'double',
    threshold: 'double',
    pValue: 'double',
    sufficient: 'list<string>',
    parameters: 'list<string>',
    set: 'list<string>',
    suspects: 'list<string>',
    duration: 'google.protobuf.Duration',
  },
  check: {
    monitor: 'string',
    parameter: 'string',
    limit: 'string',
    equipment: 'string',
    severity: 'string',
    from: 'string',
    to: 'string',
    value: 'double',
    failed: 'bool',
  },
  monitor: {
    id: 'string',
    equipment: 'string',
    severity: 'string',
    from: 'string',
    to: 'string',
    failing: 'list<string>',
    failed: 'bool',
  },
  model: { state: 'string', reason: 'string' },
  report: {
    ...{ name: 'string', number: 'double', severity: 'string', equipment: 'string', apid: 'double' },
    ...{ service: 'double', subtype: 'double' },
  },
};

/** What `anomaly.set` can hold: "rw2/offset". */
const pairs = (equipments: readonly string[], faults: readonly string[]): string[] =>
  equipments.flatMap((equipment) => faults.map((fault) => `${equipment}/${fault}`));

/** Those that may be requested, and those with declared effects or flags. */
const commandNames = ({ commands, effects = [], parameters }: Mission): readonly string[] =>
  commands === undefined
    ? []
    : [
        ...new Set([
          ...commands.map(({ name }) => name),
          ...effects.map(({ command }) => command),
          ...parameters.flatMap(({ command }) => (command === undefined ? [] : [command.name])),
        ]),
      ];

/** @param classes fault classes of the model; without them those of the mission. */
export const vocabularyOf = (mission: Mission, rules: RuleSet, classes: readonly string[] = []): Vocabulary => {
  const parameters = mission.parameters.map(({ id }) => id);
  const equipments = equipmentIds(mission);
  const faults = [...(mission.faults ?? []).map(({ id }) => id), ...classes];
  const monitors = [...rules.monitors, ...rules.functionalMonitors].map(({ id }) => id);
  const equipmentNames = [...equipments, UNKNOWN];
  const statuses = [...checkingStatuses, ...functionalStatuses];
  return {
    parameters: new Set(parameters),
    equipments,
    monitors: new Set(monitors),
    commands: commandNames(mission),
    texts: new Map([
      ...(mission.modes === undefined ? [] : [['mode', mission.modes.names] as const]),
      ...(faults.length === 0 ? [] : [['anomaly.fault', [...new Set([...faults, UNKNOWN])]] as const]),
      ['anomaly.equipment', equipmentNames],
      ['anomaly.change', anomalyChanges],
      ['anomaly.state', ['open', 'closed']],
      ['anomaly.trigger', revisionTriggers],
      ['anomaly.sufficient', parameters],
      ['anomaly.parameters', parameters],
      ['anomaly.suspects', equipmentNames],
      ...(faults.length === 0
        ? []
        : [['anomaly.set', pairs(equipmentNames, [...new Set([...faults, UNKNOWN])])] as const]),
      ['check.monitor', [...rules.monitors.map(({ id }) => id), '']],
      ['check.parameter', [...parameters, '']],
      ['check.limit', ['valid', 'warning', 'critical', 'monitor']],
      ['check.equipment', equipmentNames],
      ['check.severity', severities],
      ['check.from', checkingStatuses],
      ['check.to', checkingStatuses],
      ['monitor.id', rules.functionalMonitors.map(({ id }) => id)],
      ['monitor.equipment', equipmentNames],
      ['monitor.severity', severities],
      ['monitor.from', functionalStatuses],
      ['monitor.to', functionalStatuses],
      ['monitor.failing', rules.monitors.map(({ id }) => id)],
      ['model.state', ['working', 'degraded']],
      ['report.severity', severities],
      ['report.equipment', equipmentNames],
      ...equipments.map((id) => [`health["${id}"]`, equipmentHealths] as const),
      ...monitors.map((id) => [`monitors["${id}"]`, statuses] as const),
    ]),
    bounds: new Map<string, Bounds>([
      ['anomaly.confidence', [0, 1]],
      ['anomaly.pValue', [0, 1]],
      ['anomaly.duration', [0, Infinity]],
      ['anomaly.revision', [1, Infinity]],
      ...mission.parameters.flatMap(({ id, valid }) => (valid === undefined ? [] : [[`tm["${id}"]`, valid] as const])),
    ]),
  };
};
