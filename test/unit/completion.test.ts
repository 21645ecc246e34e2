/** Completion scripts and the manual page, made from a small table, and tried in the shells that are here. */
import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { commandTree } from '../../src/commands/shell/command-tree';
import { completionScript, SHELLS } from '../../src/commands/shell/completion-scripts';
import { manPage } from '../../src/commands/shell/man-page';

const program = new Command('fdir').description("tells what's wrong").version('1.2.3');
program
  .command('run')
  .description('the daemon')
  .requiredOption('--config <file>', 'its file')
  .action(() => undefined);
const log = program.command('log').description('the log: what was found');
log.command('list').addOption(new Option('--state <state>', 'only these').choices(['open', 'closed']));
log.command('show').argument('<id>', 'its id');
program.command('secret', { hidden: true });
const tree = commandTree(program);

const has = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;
const testWith = (name: string): typeof test | typeof test.skip => (has(name) ? test : test.skip);

test('the table holds commands, options and choices, and nothing that is hidden', () => {
  expect(tree.subcommands.map(({ path }) => path)).toEqual(['fdir run', 'fdir log']);
  expect(tree.subcommands[1]?.subcommands[0]).toEqual({
    path: 'fdir log list',
    usage: '[options]',
    description: '',
    options: [
      {
        names: ['--state'],
        flags: '--state <state>',
        description: 'only these',
        takesValue: true,
        choices: ['open', 'closed'],
      },
      {
        names: ['-h', '--help'],
        flags: '-h, --help',
        description: 'display help for command',
        takesValue: false,
        choices: [],
      },
    ],
    argumentChoices: [],
    subcommands: [],
  });
});

describe('bash', () => {
  /** What bash would offer for the last word. */
  const complete = (...words: string[]): string[] => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const script = `${completionScript('bash', tree)}
      COMP_WORDS=(${line}); COMP_CWORD=${String(words.length - 1)}; _fdir; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  };

  testWith('bash').each([
    ['the verbs', ['fdir', ''], ['run', 'log']],
    ['the verbs that begin so', ['fdir', 'l'], ['log']],
    ['what is below a verb', ['fdir', 'log', ''], ['list', 'show']],
    ['options where the word begins with a dash', ['fdir', 'run', '--c'], ['--config']],
    ['the choices of an option', ['fdir', 'log', 'list', '--state', ''], ['open', 'closed']],
    ['nothing of its own for a file', ['fdir', 'run', '--config', ''], []],
  ])('offers %s', (_, words, expected) => {
    expect(complete(...words)).toEqual(expected);
  });
});

test.each(SHELLS)(
  'the script of %s is read by that shell without a complaint, where the shell is installed',
  (shell) => {
    const script = completionScript(shell, tree);
    expect(script).toContain('log');
    if (!has(shell)) return;
    expect(spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  },
);

test('an apostrophe in a description stays inside its quotes', () => {
  const quoted = new Command('fdir').description('x');
  quoted.command('show').description("what's wrong");
  expect(completionScript('zsh', commandTree(quoted))).toContain(`'show:what'\\''s wrong'`);
  expect(completionScript('fish', commandTree(quoted))).toContain(`-d 'what\\'s wrong'`);
});

test('the manual page names every command and option, and protects what roff would read', () => {
  const page = manPage(tree, '1.2.3');
  expect(page).toContain(".SH NAME\nfdir \\- tells what's wrong\n");
  expect(page).toContain('.SS "fdir log list"');
  expect(page).toContain('.TP\n.B \\-\\-state <state>\nonly these: open, closed\n');
  expect(page.split('\n').filter((line) => line.startsWith("'"))).toEqual([]);
  if (!has('groff')) return;
  expect(spawnSync('groff', ['-man', '-ww', '-Tutf8'], { input: page, encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
