/** What a definition says for a first mission file: parameters by name, their facts, and the telecommands. */
import { missionArgumentName, missionCommandName } from '../../core/onboarding/command-names';
import { asIdentifier, isIdentifier } from '../../core/onboarding/name-guesses';
import { rangeText, type KnownFacts } from '../../core/onboarding/known-facts';
import type { Decoder } from '../../packets/decode/compile-decoder';
import type { Field } from '../../packets/decode/values';
import type { MetaCommand } from '../../packets/xtce/definition';
import type { Argument, ScalarType } from '../../packets/xtce/model';
import { needsMonitors } from './definition-monitors';
import { limitsOf } from '../../packets/xtce/limits-of';

/** Fields that are numbers, by the id that a mission gives them: the last part of the name where only one field has it. */
export const numericFields = ({ fields }: Decoder): ReadonlyMap<string, Field> => {
  const last = (id: string): string => id.slice(id.lastIndexOf('.') + 1);
  const counts = new Map<string, number>();
  for (const { id } of fields) counts.set(last(id), (counts.get(last(id)) ?? 0) + 1);
  return new Map(
    fields
      .filter(({ type: { kind } }) => ['integer', 'float', 'enumerated', 'boolean', 'relative-time'].includes(kind))
      .map((field): [string, Field] => {
        const name = counts.get(last(field.id)) === 1 ? last(field.id) : field.id;
        return [isIdentifier(name) ? name : asIdentifier(name), field];
      }),
  );
};

/** The SpaceSystem below the root that holds the parameter is its equipment, where there is one. */
const equipmentOf = (id: string): string | undefined => {
  const parts = id.split('.');
  const name = parts.length > 2 ? parts.at(-2) : undefined;
  return name !== undefined && isIdentifier(name) ? name : undefined;
};

/** A title is some words; a description may be a page. */
const MAX_TITLE = 60;

export const factsOf = ({ id, type, parameter }: Field): KnownFacts => {
  const limits = limitsOf(type);
  // Where one of its alarms is a monitor, all of them are.
  const { valid, warning, critical } = needsMonitors(type) ? { valid: limits.valid } : limits;
  const text = parameter?.description ?? type.description;
  const title = text === undefined || text.length > MAX_TITLE ? undefined : text.replace(/\s+/g, ' ').trim();
  const isEvent = type.kind === 'enumerated' || type.kind === 'boolean';
  return {
    units: type.units,
    equipment: equipmentOf(id),
    valid,
    warning,
    critical,
    isEvent,
    ...(title !== undefined && title !== '' && { title }),
  };
};

const argumentType = (kind: string): string =>
  kind === 'float' ? 'number' : kind === 'integer' ? 'integer' : kind === 'boolean' ? 'boolean' : 'string';

/**
 * The range that every valid value of a number lies in; where there are several ranges, from the lowest bound to the highest.
 * Undefined for one with an open end, and for raw values behind a calibrator.
 */
const rangeOf = (type: ScalarType): readonly [number, number] | undefined => {
  const { valid, calibrator, contextCalibrators } = type;
  const isCalibrated = calibrator !== undefined || contextCalibrators.length > 0;
  if (valid === undefined || (valid.of === 'raw' && isCalibrated)) return undefined;
  const low = Math.min(...valid.ranges.map(({ min }) => min ?? -Infinity));
  const high = Math.max(...valid.ranges.map(({ max }) => max ?? Infinity));
  return Number.isFinite(low) && Number.isFinite(high) && low <= high ? [low, high] : undefined;
};

/** One argument as a mission declares it: what a rule may give is checked against it when the rule is loaded. */
const argumentText = ({ name, type }: Argument): string => {
  const range = type.kind === 'integer' || type.kind === 'float' ? rangeOf(type) : undefined;
  const labels = type.kind === 'enumerated' ? [...new Set(type.enumerations.map(({ label }) => label))] : [];
  const units = 'units' in type ? type.units : undefined;
  const keys = [
    `type: ${argumentType(type.kind)}`,
    ...(units === undefined ? [] : [`units: ${JSON.stringify(units)}`]),
    ...(range === undefined ? [] : [`range: ${rangeText(range)}`]),
    ...(labels.length === 0 ? [] : [`values: [${labels.map((label) => JSON.stringify(label)).join(', ')}]`]),
  ];
  return `${missionArgumentName(asIdentifier(name))}: { ${keys.join(', ')} }`;
};

/** `commands:` of a mission; those with a significance of warning or more are hazardous. */
export const commandLines = (commands: readonly MetaCommand[]): readonly string[] => {
  const usable = commands.filter(({ abstract }) => !abstract);
  if (usable.length === 0) return [];
  const isHazardous = ({ significance }: MetaCommand): boolean =>
    ['warning', 'distress', 'critical', 'severe'].includes(significance?.consequence ?? 'none');
  return [
    '# Telecommands of the definition. CHECK which of them a rule may request; what each one moves goes under "effects".',
    'commands:',
    ...usable.map((command) => {
      const given = command.arguments.map(argumentText);
      const keys = [
        `name: ${missionCommandName(command.name)}`,
        `title: ${JSON.stringify(command.description ?? command.name)}`,
        ...(given.length === 0 ? [] : [`arguments: { ${given.join(', ')} }`]),
        ...(isHazardous(command) ? ['hazardous: true'] : []),
      ];
      return `  - { ${keys.join(', ')} }`;
    }),
    '',
  ];
};
