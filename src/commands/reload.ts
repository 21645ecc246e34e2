/** `fdir reload`: the rules and models of a running daemon loaded anew, as SIGHUP does. */
import type { Command } from 'commander';
import { order, ordering, type OrderOptions } from './ask';

/** Adds the verb `reload` to the program. */
export const register = (program: Command): void => {
  ordering(
    program.command('reload').description('load rules and models again in a running daemon; it refuses invalid ones'),
  ).action((options: OrderOptions) => order(options, 'reload', {}));
};
