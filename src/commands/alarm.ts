/** `fdir alarm`: what a person has to take notice of, and that they have. */
import type { Command } from 'commander';
import { byUrgency } from '../core/alarms/alarm-orders';
import type { Alarm } from '../domain/alarm';
import { asking, order, ordering, question, type AskingOptions, type OrderOptions } from './ask';
import { writeJson, writeLine } from './output';
import { table } from './render/table';

const value = ({ value: number }: Alarm['current']): string => (number === null ? '-' : String(number));

const stateOf = ({ state, shelved, acknowledged }: Alarm): string => {
  const who = acknowledged === null ? '' : ` by ${acknowledged.by}`;
  return `${state}${who}${shelved === null ? '' : `, shelved until ${shelved.until}`}`;
};

const row = (alarm: Alarm): readonly string[] => [
  alarm.trigger.time,
  alarm.severity,
  stateOf(alarm),
  String(alarm.count),
  value(alarm.trigger),
  value(alarm.worst),
  value(alarm.current),
  alarm.name,
  alarm.title,
];

const COLUMNS = ['TRIGGERED', 'SEVERITY', 'STATE', 'TIMES', 'TRIGGER', 'WORST', 'NOW', 'ALARM', 'WHAT'];

const list = async ({ all = false, ...options }: AskingOptions & { readonly all?: boolean }): Promise<void> => {
  const alarms = await question<readonly Alarm[]>(options, 'alarm-list', { all }, (ledger) =>
    byUrgency(ledger.listAlarms({ all })),
  );
  if (options.json === true) writeJson(alarms);
  else if (alarms.length === 0) writeLine(all ? 'no alarm' : 'no alarm is open');
  else table([COLUMNS, ...alarms.map(row)]).forEach(writeLine);
};

/** Adds the verb `alarm` to the program. */
export const register = (program: Command): void => {
  const alarm = program.command('alarm').description('list alarms, and say what you do about them');
  asking(alarm.command('list').description('list open alarms; first those that need a person'))
    .option('--all', 'those that are cleared as well')
    .action(list);
  ordering(alarm.command('ack').description('acknowledge an alarm'))
    .argument('<name>', 'such as anomaly/rw2 or check/rw2_current_a')
    .action((name: string, options: OrderOptions) => order(options, 'alarm-ack', { name }));
  ordering(alarm.command('shelve').description('silence an alarm for a while; needs --for and --comment'))
    .argument('<name>')
    .requiredOption('--for <duration>', 'such as 2h; 30 days at most')
    .action((name: string, options: OrderOptions & { readonly for: string }) =>
      order(options, 'alarm-shelve', { name, for: options.for }),
    );
  ordering(alarm.command('unshelve').description('end the silence of an alarm'))
    .argument('<name>')
    .action((name: string, options: OrderOptions) => order(options, 'alarm-unshelve', { name }));
  ordering(alarm.command('clear').description('clear an alarm that has returned to normal'))
    .argument('<name>')
    .action((name: string, options: OrderOptions) => order(options, 'alarm-clear', { name }));
};
