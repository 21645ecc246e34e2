/** `fdir log verdict` and `fdir log labels`: what anomalies turned out to be, said by people, and as labels that `fdir fit` reads. */
import { Argument, type Command } from 'commander';
import { FdirError } from '../../domain/errors';
import { operatorVerdicts, type OperatorVerdict } from '../../domain/log-query';
import { order, ordering, type OrderOptions } from '../ask';
import { note } from '../output';
import { csvLine } from '../../core/csv';
import { systemClock } from '../../adapters/host/system-clock';
import { filterOf, withFilters, type FilterOptions } from './filters';
import { withLogOptions, withReader, type LogOptions } from './source';

const judge = (id: string, verdict: OperatorVerdict, options: OrderOptions): Promise<void> =>
  order(options, 'verdict', { id, verdict });

/** What was a fault, as a labels file: start and end inclusive, in the words of the record. */
const labels = (options: LogOptions & FilterOptions): void => {
  if (options.verdict !== undefined)
    throw new FdirError('usage', 'labels are made of those judged true: leave out --verdict');
  const filter = { ...filterOf(options, systemClock.now()), verdict: 'true' as const };
  let count = 0;
  process.stdout.write('start,end,equipment,fault\n');
  withReader(options, (reader) => {
    for (const rows of reader.batches(filter)) {
      for (const { start, end, equipment, fault } of rows) {
        // One that is still open has no end to label to.
        if (end === null) continue;
        const named = (name: string): string => (name === 'unknown' ? '' : name);
        process.stdout.write(csvLine([start, end, named(equipment), named(fault)]).replace('\r\n', '\n'));
        count += 1;
      }
    }
  });
  note(`${String(count)} labels`);
};

export const registerVerdict = (log: Command): void => {
  ordering(log.command('verdict').description('say what an anomaly turned out to be; the running daemon keeps it'))
    .argument('<id>', 'id of the anomaly')
    .addArgument(
      new Argument('<verdict>', 'a fault, no fault, or something rare that was intended').choices([
        ...operatorVerdicts,
      ]),
    )
    .action(judge);
  withFilters(
    withLogOptions(
      log.command('labels').description('write anomalies judged true as labels that fdir fit --labels reads'),
    ),
  ).action(labels);
};
