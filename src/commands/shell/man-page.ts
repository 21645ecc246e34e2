/** The manual page fdir(1) in roff, made from the command table. */
import { allCommands, type CommandShape } from './command-tree';

/** Text that no macro reads: a backslash is one, a hyphen stays a hyphen, and no line begins with a dot or a quote. */
const escape = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');

const EXIT_STATUS = [
  ['0', 'done'],
  ['1', 'the answer is no: a check failed, or a test differed'],
  ['2', 'usage or configuration'],
  ['3', 'the command failed while it ran'],
] as const;

const entry = (head: string, text: string): string => `.TP\n.B ${escape(head)}\n${escape(text)}`;

const section = ({ path, usage, description, options }: CommandShape): string =>
  [
    `.SS "${escape(path)}"`,
    `.B ${escape(path)}\n${escape(usage)}`,
    `.PP\n${escape(description)}`,
    ...options.map(({ flags, description: what, choices }) =>
      entry(flags, choices.length === 0 ? what : `${what}: ${choices.join(', ')}`),
    ),
  ].join('\n');

/** @param tree of the whole program. @param version of the program. */
export const manPage = (tree: CommandShape, version: string): string =>
  [
    `.TH FDIR 1 "" "peephole\\-fdir ${escape(version)}" "User commands"`,
    `.SH NAME\nfdir \\- ${escape(tree.description)}`,
    '.SH SYNOPSIS\n.B fdir\n[options] [command]',
    `.SH COMMANDS\n${allCommands(tree)
      .filter(({ subcommands }) => subcommands.length === 0)
      .map(section)
      .join('\n')}`,
    `.SH "EXIT STATUS"\n${EXIT_STATUS.map(([status, meaning]) => entry(status, meaning)).join('\n')}`,
    `.SH FILES\n${entry('/etc/fdir/fdir.yaml', 'the configuration of the service')}\n${entry('/var/lib/fdir', 'the explanation log of the service')}`,
    `.SH "SEE ALSO"\n${escape('/usr/share/doc/peephole-fdir/README.md')}`,
  ].join('\n') + '\n';
