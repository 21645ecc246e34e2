/** How a run whose faults lose nothing differs from the same run undisturbed, in words. */
import type { AlarmStep } from '../../domain/alarm';
import type { PipelineEvent } from '../../domain/events';
import type { CampaignRun } from './run-record';

/** Whether telemetry overtook telemetry. What comes twice, in an old place, did not. */
const isOvertaken = ({ dealtWith }: CampaignRun): boolean => {
  const before = new Set<number>();
  let newest = -Infinity;
  for (const { id, frames } of dealtWith) {
    if (before.has(id)) continue;
    before.add(id);
    for (const { time } of frames) {
      if (time < newest) return true;
      newest = time;
    }
  }
  return false;
};

/** One decision or alarm step, under the name of what it is about. */
interface Entry {
  readonly about: string;
  readonly text: string;
}

/** What was decided, without the times at which the clock had a say. */
const decisionOf = (event: PipelineEvent, isLoose: boolean): Entry => {
  if (event.type === 'check') {
    const { parameter, limit, to } = event;
    if (isLoose) return { about: `${parameter} ${limit}`, text: JSON.stringify({ parameter, limit, to }) };
  }
  if (event.type !== 'action') return { about: '', text: JSON.stringify(event) };
  const { rule, command, arguments: given, explanationId, explanationRevision, disposition } = event;
  return {
    about: '',
    text: JSON.stringify({ rule, command, given, explanationId, explanationRevision, disposition }),
  };
};

const textsOf = (entries: readonly Entry[], isLoose: boolean): readonly string[] =>
  (isLoose ? entries.toSorted((a, b) => a.about.localeCompare(b.about)) : entries).map(({ text }) => text);

/** A request that a new life takes up again is the same request: the log keeps it once. */
const decisionsOf = ({ log }: CampaignRun, isLoose: boolean): readonly string[] => {
  const requests = new Set<string>();
  const events = log.events.filter((event) => {
    if (event.type === 'check') return !isLoose || event.to !== 'withinLimits';
    if (event.type !== 'action') return true;
    const isNew = !requests.has(event.id);
    requests.add(event.id);
    return isNew;
  });
  return textsOf(
    events.map((event) => decisionOf(event, isLoose)),
    isLoose,
  );
};

const alarmsOf = ({ log }: CampaignRun, isLoose: boolean): string => {
  const steps = log.ledger.flatMap((entry) => (entry.kind === 'alarm-step' ? [entry.record] : []));
  const isEnd = ({ name }: AlarmStep, index: number): boolean =>
    !steps.slice(0, index).some((step) => step.name === name) ||
    !steps.slice(index + 1).some((step) => step.name === name);
  const compared = isLoose
    ? steps.filter((step, index) => !step.name.startsWith('check/') || isEnd(step, index))
    : steps;
  return textsOf(
    compared.map(({ name, change }) => ({ about: name, text: `${name} ${change}` })),
    isLoose,
  ).join(', ');
};

/**
 * The first differences between the decisions of two runs. Limits judge a sample when it arrives. If telemetry overtakes telemetry, a
 * neighbour of the sample may announce the transition, and a short return in between may be missed. Then the violations of each limit are
 * compared by themselves, without time and value, and of its alarm the beginning and the end.
 */
export const differencesOf = (run: CampaignRun, undisturbed: CampaignRun): readonly string[] => {
  const isLoose = isOvertaken(run);
  const [decided, wanted] = [decisionsOf(run, isLoose), decisionsOf(undisturbed, isLoose)];
  const [alarms, wantedAlarms] = [alarmsOf(run, isLoose), alarmsOf(undisturbed, isLoose)];
  const first = decided.findIndex((text, index) => text !== wanted[index]);
  const at = first < 0 && decided.length < wanted.length ? decided.length : first;
  return [
    ...(at < 0
      ? []
      : [`decision ${String(at)} is ${decided[at] ?? 'missing'}; undisturbed it is ${wanted[at] ?? 'none'}`]),
    ...(alarms === wantedAlarms ? [] : [`alarms are ${alarms}; undisturbed they are ${wantedAlarms}`]),
    ...(run.received.length === undisturbed.received.length
      ? []
      : [`${String(run.received.length)} requests arrived instead of ${String(undisturbed.received.length)}`]),
  ];
};
