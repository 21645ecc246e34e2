/** What the commands write: results on stdout, everything for people's eyes on stderr. */
import type { PipelineEvent } from '../domain/events';

export const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
export const writeJson = (value: unknown): void => {
  writeLine(JSON.stringify(value));
};
export const note = (line: string): void => void process.stderr.write(`${line}\n`);

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

/** One readable line for one event. */
export const describeEvent = (event: PipelineEvent): string => {
  switch (event.type) {
    case 'anomaly': {
      const { id, revision, state, trigger, verdict, sentence, revisedAt } = event;
      const what = `${verdict.equipment} ${verdict.fault} (${percent(verdict.confidence)})`;
      return `${revisedAt}  anomaly  ${id} r${String(revision)} ${state}, ${trigger}: ${what}\n    ${sentence}`;
    }
    case 'check': {
      const { time, parameter, limit, from, to, value, range } = event;
      return `${time}  check    ${parameter} ${limit} [${range.map((bound) => bound ?? 'open').join(', ')}]: ${from} -> ${to}, value ${String(value)}`;
    }
    case 'monitor': {
      const { time, monitor, from, to, failing, members, atLeast } = event;
      const count = `${String(failing.length)} of ${String(members)} failed, ${String(atLeast)} needed`;
      return `${time}  monitor  ${monitor}: ${from} -> ${to}, ${count}`;
    }
    case 'muted':
      return `${event.time}  muted    ${event.kind} ${event.id} for ${event.subject}: explained by ${event.by}`;
    case 'report':
      return `${event.time}  report   ${event.name} (${event.severity}), APID ${String(event.apid)}`;
    case 'action': {
      const { time, command, rule, level, disposition, explanationId } = event;
      const given = Object.entries(event.arguments).map(([name, value]) => `${name}=${String(value)}`);
      return `${time}  action   ${[command, ...given].join(' ')} (${disposition}; rule ${rule}, level ${String(level)}) for ${explanationId}`;
    }
  }
};
