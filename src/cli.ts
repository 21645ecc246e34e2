#!/usr/bin/env node
/** The one binary. Exit status: 0 done, 1 the answer is no, 2 usage or configuration, 3 runtime failure (CONTRACTS section 5). */
import { Command, CommanderError } from 'commander';
import { register as registerAction } from './commands/action';
import { register as registerAlarm } from './commands/alarm';
import { register as registerCheck } from './commands/check';
import { register as registerDemo } from './commands/demo';
import { register as registerEvaluate } from './commands/evaluate';
import { register as registerFit } from './commands/fit';
import { register as registerInit } from './commands/init';
import { register as registerInject } from './commands/inject';
import { register as registerLog } from './commands/log';
import { register as registerReload } from './commands/reload';
import { register as registerReplay } from './commands/replay';
import { register as registerRules } from './commands/rules';
import { register as registerRun } from './commands/run';
import { register as registerSimulate } from './commands/simulate';
import { register as registerStatus } from './commands/status';
import { describeError, exitStatus } from './domain/errors';
import { VERSION } from './domain/version';

const USAGE_STATUS = 2;

// A reader that has seen enough (`fdir replay … | head`) closes the pipe: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = new Command('fdir')
  .description('satellite telemetry FDIR that explains itself')
  .version(VERSION)
  .showHelpAfterError('(fdir --help or fdir COMMAND --help)');

for (const register of [
  registerDemo,
  registerRun,
  registerStatus,
  registerReplay,
  registerInit,
  registerFit,
  registerEvaluate,
  registerInject,
  registerSimulate,
  registerLog,
  registerAlarm,
  registerAction,
  registerReload,
  registerRules,
  registerCheck,
])
  register(program);

/** Commander would leave with 1, which here means that the answer is no. */
const throwInsteadOfExit = (command: Command): void => {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
};
throwInsteadOfExit(program);

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE_STATUS;
    return;
  }
  process.stderr.write(`fdir: ${describeError(error)}\n`);
  process.exitCode = exitStatus(error);
});
