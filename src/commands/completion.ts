/** `fdir completion SHELL` and `fdir man`: what a shell and a manual reader need, made from the command table. */
import { Argument, type Command } from 'commander';
import { VERSION } from '../domain/version';
import { commandTree } from './shell/command-tree';
import { completionScript, SHELLS, type Shell } from './shell/completion-scripts';
import { manPage } from './shell/man-page';

const EXAMPLES = `
Examples:
  source <(fdir completion bash)                                  for this shell
  fdir completion bash > ~/.local/share/bash-completion/completions/fdir
  fdir completion zsh > "\${fpath[1]}/_fdir"
  fdir completion fish > ~/.config/fish/completions/fdir.fish
`;

/** Adds the verbs `completion` and `man`. They describe every verb, so the program registers all of them first. */
export const register = (program: Command): void => {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, commandTree(program)));
    });
  program
    .command('man')
    .description('print the manual page, as roff')
    .addHelpText('after', '\nExample:\n  fdir man | man -l -\n')
    .action(() => {
      process.stdout.write(manPage(commandTree(program), VERSION));
    });
};
