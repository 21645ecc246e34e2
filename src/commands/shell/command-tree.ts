/** The command table as plain data: what completion scripts and the manual page are made from. */
import type { Command, Option } from 'commander';

export interface OptionShape {
  /** As it is typed: `--config`, `-h`. */
  readonly names: readonly string[];
  /** As the help shows it: `--config <file>`. */
  readonly flags: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The values that it takes, when the command names them. */
  readonly choices: readonly string[];
}

export interface CommandShape {
  /** From the program's name on: `fdir log list`. */
  readonly path: string;
  readonly usage: string;
  readonly description: string;
  readonly options: readonly OptionShape[];
  /** Words that its arguments can be, when the command names them. */
  readonly argumentChoices: readonly string[];
  readonly subcommands: readonly CommandShape[];
}

const optionShape = ({ short, long, flags, description, required, optional, argChoices }: Option): OptionShape => ({
  names: [short, long].filter((name) => name !== undefined),
  flags,
  description,
  takesValue: required || optional,
  choices: argChoices ?? [],
});

/** Reads a registered command with all that is below it. Hidden commands and options are left out. */
export const commandTree = (command: Command, above: readonly string[] = []): CommandShape => {
  const help = command.createHelp();
  const path = [...above, command.name()];
  return {
    path: path.join(' '),
    usage: command.usage(),
    description: command.description(),
    options: help.visibleOptions(command).map(optionShape),
    argumentChoices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    subcommands: help
      .visibleCommands(command)
      .filter((below) => below.name() !== 'help')
      .map((below) => commandTree(below, path)),
  };
};

/** The command itself and all below it, in the order of the help. */
export const allCommands = (tree: CommandShape): readonly CommandShape[] => [
  tree,
  ...tree.subcommands.flatMap(allCommands),
];

/** The last word of a path. */
export const lastWord = ({ path }: CommandShape): string => path.slice(path.lastIndexOf(' ') + 1);
