/** `fdir reload`: the rules and models of a running daemon loaded anew, as SIGHUP does. */
import type { Command } from 'commander';
import { order, ordering, type OrderOptions } from './ask';

/** Adds the verb `reload` to the program. */
export const register = (program: Command): void => {
  ordering(
    program
      .command('reload')
      .description('load the rules and models of a running daemon anew; invalid ones are refused'),
  ).action((options: OrderOptions) => order(options, 'reload', {}));
};
