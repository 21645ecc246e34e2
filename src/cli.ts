#!/usr/bin/env node
/** The one binary. Exit status: 0 done, 1 the answer is no, 2 usage or configuration, 3 runtime failure (CONTRACTS section 5). */
import { Command, CommanderError } from 'commander';
import { describeError, exitStatus } from './domain/errors';
import { VERSION } from './domain/version';

const USAGE_STATUS = 2;
const RUNTIME_STATUS = 3;

// A reader such as `head` closes the pipe when it has seen enough. That is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`fdir: the output cannot be written: ${error.message}\n`);
  process.exit(RUNTIME_STATUS);
});

const program = new Command('fdir')
  .description('satellite telemetry FDIR that explains itself')
  .version(VERSION)
  .showHelpAfterError('(fdir --help or fdir COMMAND --help)');

/** Only the command that is wanted is loaded: a daemon on a small computer does not carry what fits models. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly register: (program: Command) => void }>>> = {
  demo: () => import('./commands/demo.js'),
  run: () => import('./commands/run.js'),
  status: () => import('./commands/status.js'),
  replay: () => import('./commands/replay.js'),
  decode: () => import('./commands/decode.js'),
  init: () => import('./commands/init.js'),
  fit: () => import('./commands/fit.js'),
  evaluate: () => import('./commands/evaluate.js'),
  inject: () => import('./commands/inject.js'),
  simulate: () => import('./commands/simulate.js'),
  log: () => import('./commands/log.js'),
  alarm: () => import('./commands/alarm.js'),
  note: () => import('./commands/note.js'),
  report: () => import('./commands/report.js'),
  watch: () => import('./commands/watch.js'),
  action: () => import('./commands/action.js'),
  reload: () => import('./commands/reload.js'),
  rules: () => import('./commands/rules.js'),
  check: () => import('./commands/check.js'),
  sign: () => import('./commands/sign.js'),
  fleet: () => import('./commands/fleet.js'),
  shadow: () => import('./commands/shadow.js'),
  schema: () => import('./commands/schema.js'),
  completion: () => import('./commands/completion.js'),
};

/** Its file prints the table of all commands: completion scripts and the manual page. */
const DESCRIBES_ALL = 'completion';

/** Commander would leave with 1, which here means that the answer is no. */
const throwInsteadOfExit = (command: Command): void => {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
};

const main = async (): Promise<void> => {
  const [, , wanted = ''] = process.argv;
  const load = Object.hasOwn(COMMANDS, wanted) && wanted !== DESCRIBES_ALL ? COMMANDS[wanted] : undefined;
  // Help, completion, and a word that names no command need the whole table.
  for (const one of load === undefined ? Object.values(COMMANDS) : [load]) (await one()).register(program);
  throwInsteadOfExit(program);
  await program.parseAsync();
};

main().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE_STATUS;
    return;
  }
  process.stderr.write(`fdir: ${describeError(error)}\n`);
  process.exitCode = exitStatus(error);
});
