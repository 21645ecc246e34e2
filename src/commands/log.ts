/** `fdir log`: the explanation log, read also while the daemon writes it. */
import type { Command } from 'commander';
import { registerCommands } from './log/commands';
import { registerBackup } from './log/backup';
import { registerEvents } from './log/events';
import { registerExplain } from './log/explain';
import { registerExport } from './log/export';
import { registerHistory } from './log/history';
import { registerList } from './log/list';
import { registerMigrate } from './log/migrate';
import { registerShow } from './log/show';
import { registerStats } from './log/stats';
import { registerVerdict } from './log/verdict';
import { registerVerify } from './log/verify';

/** Adds the verb `log` to the program. */
export const register = (program: Command): void => {
  const log = program
    .command('log')
    .description('read the explanation log: what was found, why, what was done, and whether a record was changed');
  registerList(log);
  registerHistory(log);
  registerShow(log);
  registerBackup(log);
  registerEvents(log);
  registerCommands(log);
  registerStats(log);
  registerExport(log);
  registerVerdict(log);
  registerExplain(log);
  registerVerify(log);
  registerMigrate(log);
};
