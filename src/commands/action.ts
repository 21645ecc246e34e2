/** `fdir action`: recovery actions: what is under way, why, and what a person decides about them. */
import type { Command } from 'commander';
import type { ShownRecovery } from '../adapters/log/sqlite-ledger';
import type { Recovery } from '../domain/recovery';
import { asking, order, ordering, question, type AskingOptions, type OrderOptions } from './ask';
import { writeJson, writeLine } from './output';
import { lookOf } from './render/look';
import { recoveryTable, renderRecovery } from './render/recovery';

const list = async ({ all = false, ...options }: AskingOptions & { readonly all?: boolean }): Promise<void> => {
  const recoveries = await question<readonly Recovery[]>(options, 'action-list', { all }, (ledger) =>
    ledger.listRecoveries({ all }),
  );
  if (options.json === true) writeJson(recoveries);
  else if (recoveries.length === 0) writeLine(all ? 'no recovery' : 'no recovery is under way');
  else recoveryTable(recoveries).forEach(writeLine);
};

const show = async (id: string, options: AskingOptions): Promise<void> => {
  const found = await question<ShownRecovery | undefined>(options, 'action-show', { id }, (ledger) =>
    ledger.showRecovery(id),
  );
  if (options.json === true) writeJson(found ?? null);
  else if (found === undefined) writeLine(`no action is called ${id}`);
  else renderRecovery(found.recovery, found.steps, lookOf(process.stdout, process.env)).forEach(writeLine);
  if (found === undefined) process.exitCode = 1;
};

/** Adds the verb `action` to the program. */
export const register = (program: Command): void => {
  const action = program.command('action').description('list recovery actions, and decide about them');
  asking(action.command('list').description('list recoveries under way, newest first'))
    .option('--all', 'those that are over as well')
    .action(list);
  asking(
    action.command('show').description('show one recovery: what it asks for, why, by whose authority, and how it went'),
  )
    .argument('<id>', 'id of the recovery, or of one of its requests')
    .action(show);
  ordering(action.command('approve').description('let a recovery that waits go on'))
    .argument('<id>')
    .action((id: string, options: OrderOptions) => order(options, 'action-approve', { id }));
  ordering(action.command('reject').description('end a recovery that was not sent yet'))
    .argument('<id>')
    .action((id: string, options: OrderOptions) => order(options, 'action-reject', { id }));
  ordering(action.command('state').description('switch the whole function, or one rule'))
    .argument('<state>', 'active, passive or disabled; of a rule also off, which only a changed rules file takes back')
    .option('--rule <id>', 'this rule only')
    .action((state: string, options: OrderOptions & { readonly rule?: string }) =>
      order(options, 'action-state', { state, ...(options.rule !== undefined && { rule: options.rule }) }),
    );
  ordering(action.command('rearm').description('make a rule that fired ready again'))
    .argument('<rule>')
    .option('--equipment <id>', 'for this equipment only')
    .action((rule: string, options: OrderOptions & { readonly equipment?: string }) =>
      order(options, 'rule-rearm', { rule, ...(options.equipment !== undefined && { equipment: options.equipment }) }),
    );
  ordering(action.command('health').description('say how an equipment is'))
    .argument('<equipment>')
    .argument('<health>', 'healthy, needsRecovery, faulty, permanentlyFaulty or externalControl')
    .action((equipment: string, health: string, options: OrderOptions) =>
      order(options, 'equipment-health', { equipment, health }),
    );
};
