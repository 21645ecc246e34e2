/** `fdir log stats`: counts and rates, what became of it, and what people said of it. */
import type { Command } from 'commander';
import { readLabels } from '../../adapters/passes/label-reader';
import { EEMUA_FLOOD, EEMUA_MANAGEABLE, type Group, type LogStats } from '../../adapters/log/log-stats';
import { systemClock } from '../../adapters/host/system-clock';
import { median } from '../../core/metrics/events';
import type { LogFilter } from '../../domain/log-query';
import { writeJson, writeLine } from '../output';
import { lookOf, type Look } from '../render/look';
import { table } from '../render/table';
import { percent } from '../render/text';
import { filterOf, withFilters, type FilterOptions } from './filters';
import { withLogOptions, withReader, type LogOptions } from './source';

interface StatsOptions extends LogOptions, FilterOptions {
  readonly labels?: string;
}

export interface DetectionOfLabels {
  readonly labels: number;
  readonly found: number;
  readonly medianDelaySeconds: number | null;
}

const number = (value: number | null, digits = 2): string => (value === null ? '-' : value.toFixed(digits));

const groupTable = (title: string, groups: readonly Group[]): readonly string[] =>
  table([
    [title, 'COUNT', 'A DAY', 'TRUE', 'FALSE', 'RARE', 'UNJUDGED', 'PRECISION'],
    ...groups.map(({ name, count, perDay, true: yes, false: no, rareNominal, unjudged, precision }) => [
      name,
      ...[count, number(perDay), yes, no, rareNominal, unjudged].map(String),
      precision === null ? '-' : percent(precision),
    ]),
  ]);

const text = (stats: LogStats, detection: DetectionOfLabels | undefined, { paint }: Look): readonly string[] => {
  const { from, to, days, anomalies, open, perDay, medianDelaySeconds, judged, alarms } = stats;
  if (anomalies === 0) return ['no anomaly'];
  const flood =
    alarms.floods === 0 ? 'never a flood' : `${String(alarms.floods)} floods of more than ${String(EEMUA_FLOOD)}`;
  return [
    paint('heading', `${String(anomalies)} anomalies, ${from ?? ''} to ${to ?? ''} (${number(days, 1)} days)`),
    `  ${number(perDay)} a day, ${String(open)} open, detected ${number(medianDelaySeconds, 1)} s after their start (median)`,
    `  judged: ${String(judged.true)} true, ${String(judged.false)} false, ${String(judged.rareNominal)} rare nominal; precision ${judged.precision === null ? '-' : percent(judged.precision)}`,
    `  alarms: ${String(alarms.triggered)}, ${number(alarms.perTenMinutes)} in ten minutes (EEMUA 191: ${String(EEMUA_MANAGEABLE)} is manageable), worst ${String(alarms.worstTenMinutes)}, ${flood}`,
    ...(detection === undefined
      ? []
      : [
          `  labels: ${String(detection.found)} of ${String(detection.labels)} found, ${number(detection.medianDelaySeconds, 1)} s after their start (median)`,
        ]),
    '',
    ...groupTable('EQUIPMENT', stats.byEquipment),
    '',
    ...groupTable('FAULT', stats.byFault),
    '',
    ...groupTable('MODEL', stats.byModel),
    ...(stats.byRule.length === 0
      ? []
      : [
          '',
          ...table([
            ['RULE', 'RECOVERIES', 'STATES'],
            ...stats.byRule.map(({ name, count, states }) => [
              name,
              String(count),
              Object.entries(states)
                .map(([state, times]) => `${state} ${String(times)}`)
                .join(', '),
            ]),
          ]),
        ]),
  ];
};

/** A label is found by an anomaly that overlaps it; its delay is from the label's start to the detection. */
const detectionOf = async (file: string, filter: LogFilter, options: LogOptions): Promise<DetectionOfLabels> => {
  const labels = await readLabels(file);
  const spans = withReader(options, (reader) =>
    [...reader.batches(filter)].flat().map(({ start, end, detectedAt }) => ({
      start: Date.parse(start),
      end: end === null ? Infinity : Date.parse(end),
      detected: Date.parse(detectedAt),
    })),
  );
  const delays = labels.flatMap((label) => {
    const found = spans.filter(
      ({ start, end, detected }) => start <= label.end && end >= label.start && detected >= label.start,
    );
    return found.length === 0 ? [] : [Math.min(...found.map(({ detected }) => detected - label.start)) / 1000];
  });
  return { labels: labels.length, found: delays.length, medianDelaySeconds: median(delays) };
};

const stats = async (options: StatsOptions): Promise<void> => {
  const filter = filterOf(options, systemClock.now());
  const found = withReader(options, (reader) => reader.stats(filter));
  const detection = options.labels === undefined ? undefined : await detectionOf(options.labels, filter, options);
  if (options.json === true) writeJson({ schemaVersion: 1, ...found, ...(detection && { detection }) });
  else text(found, detection, lookOf(process.stdout, process.env)).forEach(writeLine);
};

export const registerStats = (log: Command): void => {
  withFilters(
    withLogOptions(
      log
        .command('stats')
        .description(
          'show counts and rates by equipment, fault, rule and model; alarms against EEMUA 191; precision by verdicts',
        ),
    ),
  )
    .option('--labels <file>', 'true faults, to count how many were found and how fast')
    .action(stats);
};
