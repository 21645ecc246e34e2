/** Completion scripts for bash, zsh and fish. Each one is static text, so that a key press starts no Node. */
import { allCommands, lastWord, type CommandShape, type OptionShape } from './command-tree';

/** In single quotes, for all three shells: fish alone reads a backslash there. */
const quote = (text: string, shell: Shell): string =>
  shell === 'fish' ? `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : `'${text.replaceAll("'", `'\\''`)}'`;

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Paths of everything below the program, as patterns of a `case`. */
const pathPatterns = (tree: CommandShape): string =>
  allCommands(tree)
    .slice(1)
    .map(({ path }) => `"${path}"`)
    .join('|');

/** One `case` branch for each option that takes a value: its choices, or a file. */
const valueBranches = (
  tree: CommandShape,
  branch: (pattern: string, choices: readonly string[]) => string,
): readonly string[] =>
  allCommands(tree).flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices }) => branch(names.map((name) => `"${path} ${name}"`).join('|'), choices)),
  );

const wordsAfter = ({ subcommands, argumentChoices }: CommandShape): readonly string[] => [
  ...subcommands.map(lastWord),
  ...argumentChoices,
];

const optionNames = (options: readonly OptionShape[]): readonly string[] => options.flatMap(({ names }) => names);

const bash = (tree: CommandShape): string => `# bash completion of fdir; made by: fdir completion bash
_fdir() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at=fdir found="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${pathPatterns(tree)}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
${valueBranches(tree, (pattern, choices) =>
  choices.length === 0
    ? `    ${pattern}) return ;;`
    : `    ${pattern}) COMPREPLY=($(compgen -W ${quote(choices.join(' '), 'bash')} -- "$cur")); return ;;`,
).join('\n')}
  esac
  case "$cur" in
    -*)
      case "$at" in
${allCommands(tree)
  .map(({ path, options }) => `        "${path}") found=${quote(optionNames(options).join(' '), 'bash')} ;;`)
  .join('\n')}
      esac ;;
    *)
      case "$at" in
${allCommands(tree)
  .filter((command) => wordsAfter(command).length > 0)
  .map((command) => `        "${command.path}") found=${quote(wordsAfter(command).join(' '), 'bash')} ;;`)
  .join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$found" -- "$cur"))
}
complete -o default -F _fdir fdir
`;

/** \`_describe\` splits a word from its description at the colon. */
const zshEntry = (word: string, description: string): string =>
  quote(`${word.replaceAll(':', '\\:')}:${description}`, 'zsh');

const zsh = (tree: CommandShape): string => `#compdef fdir
# zsh completion of fdir; made by: fdir completion zsh
_fdir() {
  local at=fdir word
  local -a names flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      (${pathPatterns(tree)}) at="$at $word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${valueBranches(tree, (pattern, choices) =>
  choices.length === 0
    ? `    (${pattern}) _files; return ;;`
    : `    (${pattern}) compadd -- ${choices.map((choice) => quote(choice, 'zsh')).join(' ')}; return ;;`,
).join('\n')}
  esac
  case "$at" in
${allCommands(tree)
  .map((command) => {
    const names = [
      ...command.subcommands.map((below) => zshEntry(lastWord(below), below.description)),
      ...command.argumentChoices.map((choice) => zshEntry(choice, 'value')),
    ];
    const flags = command.options.flatMap(({ names: own, description }) =>
      own.map((name) => zshEntry(name, description)),
    );
    return `    (${quote(command.path, 'zsh')})\n      names=(${names.join(' ')})\n      flags=(${flags.join(' ')}) ;;`;
  })
  .join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then _describe -o 'option' flags
  elif (( \${#names} )); then _describe 'command' names
  else _files
  fi
}
if [ "\${funcstack[1]}" = _fdir ]; then _fdir "$@"; else compdef _fdir fdir; fi
`;

const fishOption = ({ names, description, takesValue, choices }: OptionShape): string =>
  [
    ...names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)),
    ...(takesValue ? ['-r'] : []),
    ...(choices.length > 0 ? [`-f -a ${quote(choices.join(' '), 'fish')}`] : []),
    `-d ${quote(description, 'fish')}`,
  ].join(' ');

const fish = (tree: CommandShape): string => `# fish completion of fdir; made by: fdir completion fish
function __fdir_at
  set -l at fdir
  for word in (commandline -opc)[2..]
    switch "$at $word"
      case ${pathPatterns(tree).replaceAll('|', ' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv"
end
${allCommands(tree)
  .flatMap((command) => {
    const start = `complete -c fdir -n ${quote(`__fdir_at ${command.path}`, 'fish')}`;
    return [
      ...command.subcommands.map(
        (below) => `${start} -f -a ${quote(lastWord(below), 'fish')} -d ${quote(below.description, 'fish')}`,
      ),
      ...command.argumentChoices.map((choice) => `${start} -f -a ${quote(choice, 'fish')}`),
      ...command.options.map((option) => `${start} ${fishOption(option)}`),
    ];
  })
  .join('\n')}
`;

const WRITERS: Readonly<Record<Shell, (tree: CommandShape) => string>> = { bash, zsh, fish };

/** The script of one shell. @param tree of the whole program. */
export const completionScript = (shell: Shell, tree: CommandShape): string => WRITERS[shell](tree);
