/** Whether what a rule requests is declared: command, arguments, types, ranges, for every value a placeholder can take. */
import type { ArgumentValue, CommandArgument, MissionCommand } from '../../domain/commands';
import { fillArguments } from '../../domain/placeholders';
import type { ActionStep } from '../../domain/rules';

/** What the placeholders of one event stand for. */
export interface Fill {
  readonly equipment: string;
  readonly fault: string;
  readonly spacecraft: string;
}

export interface CommandProblem {
  /** Below the step: `['command']`, `['arguments', 'wheel']`. */
  readonly path: readonly string[];
  readonly message: string;
}

const listed = (values: readonly ArgumentValue[]): string => values.map(String).join(', ');

const typeProblem = ({ type }: CommandArgument, value: ArgumentValue): string | undefined => {
  switch (type) {
    case 'number':
      return typeof value === 'number' ? undefined : 'must be a number';
    case 'integer':
      return Number.isInteger(value) ? undefined : 'must be a whole number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'string':
    case 'equipment':
      return typeof value === 'string' ? undefined : 'must be a text';
  }
};

/** What is wrong with one value; undefined when nothing is. */
export const argumentProblem = (
  argument: CommandArgument,
  value: ArgumentValue,
  equipments: readonly string[],
): string | undefined => {
  const wrongType = typeProblem(argument, value);
  if (wrongType !== undefined) return `${JSON.stringify(value)} ${wrongType}`;
  const { range, values, type } = argument;
  if (range !== undefined && typeof value === 'number' && (value < range[0] || value > range[1])) {
    return `${String(value)} is outside ${String(range[0])} to ${String(range[1])}`;
  }
  if (values !== undefined && !values.includes(value)) return `"${String(value)}" is none of ${listed(values)}`;
  if (type === 'equipment' && typeof value === 'string' && !equipments.includes(value)) {
    return `"${value}" is no equipment (there are ${listed(equipments)})`;
  }
  return undefined;
};

/** Every problem of one step, each once, whatever number of events it arises for. */
export const commandProblems = (
  step: ActionStep,
  commands: readonly MissionCommand[],
  equipments: readonly string[],
  fills: readonly Fill[],
): readonly CommandProblem[] => {
  const command = commands.find(({ name }) => name === step.command);
  if (command === undefined) {
    return [{ path: ['command'], message: `the mission declares no command "${step.command}"` }];
  }
  const declared = command.arguments;
  const problems = new Map<string, CommandProblem>();
  const report = (key: string, message: string): void => {
    const path = key === '' ? ['arguments'] : ['arguments', key];
    if (!problems.has(`${key} ${message}`)) problems.set(`${key} ${message}`, { path, message });
  };
  for (const key of Object.keys(declared)) {
    if (declared[key]?.optional === false && !Object.hasOwn(step.arguments, key))
      report('', `${step.command} needs "${key}"`);
  }
  for (const fill of fills) {
    for (const [key, value] of Object.entries(fillArguments(step.arguments, fill))) {
      // A name such as `constructor` is inherited by every object, and declared by none.
      const argument = Object.hasOwn(declared, key) ? declared[key] : undefined;
      if (argument === undefined) {
        report(key, `${step.command} has no argument "${key}" (it has ${listed(Object.keys(declared))})`);
        continue;
      }
      const problem = argumentProblem(argument, value, equipments);
      if (problem !== undefined) report(key, problem);
    }
  }
  return [...problems.values()];
};
