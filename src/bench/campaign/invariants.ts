/** What must hold of every run, and of a run whose faults lose nothing: what is found is told in words. */
import { planStream } from '../../core/telemetry/assembly-plan';
import { initialAssembler } from '../../core/telemetry/assembler-state';
import { assembleFrames } from '../../core/telemetry/frame-assembler';
import { publicationsOf } from '../../core/publications';
import { topicsOf } from '../../core/topics';
import { explanationSchema } from '../../domain/explanation';
import { recoverySchema } from '../../domain/recovery';
import { PACKET_START } from './tiny-telemetry';
import { toyMission } from './toy-mission';
import type { Plan } from './plan';
import type { CampaignRun } from './run-record';

/**
 * Telemetry that is older than this by the clock is a backlog. Nothing is made of it that would be late. Younger telemetry counts
 * as fresh.
 */
const BACKLOG_MS = 30_000;
/** A tick of the clock, hops, a commit that waits for others. */
const SLACK_MS = 3000;
/** No message is under way for so long: its time is that of a clock that was set back. */
const SET_BACK_MS = 3_000_000;
/** Two wheels, four parameters, some recoveries: a checkpoint that is larger has no bound. */
const MAX_CHECKPOINT_BYTES = 200_000;

const twice = (ids: readonly string[]): readonly string[] => [
  ...new Set(ids.filter((id, index) => ids.indexOf(id) < index)),
];

/** No request twice, none in passive or disabled, none after its expiry, none that is not recorded. */
const requestsAreRight = (plan: Plan, { sent, received, log }: CampaignRun): string[] => {
  const delays = plan.messages.flatMap(({ at, frames }) => frames.map(({ time }) => at - (time - PACKET_START)));
  const slowest = Math.max(0, ...delays);
  const hasJumps = plan.isRelived || plan.clockJumps.length > 0 || slowest > 86_000_000 || Math.min(0, ...delays) < 0;
  // What waits while somebody is away or the disk is full is older. The newest telemetry sets the clock, however old it was.
  const interruptions = plan.outages.length + plan.deaths.length + plan.diskFull.length;
  const age = interruptions === 0 ? Math.min(slowest, BACKLOG_MS) : interruptions * BACKLOG_MS;
  // The spacecraft's clock was set back: what is asked for before the first packet is asked for on the base that began then.
  const setBackMs = ({ time }: (typeof sent)[number]['request']): number =>
    Date.parse(time) < PACKET_START ? Math.max(0, ...delays.filter((delay) => delay > SET_BACK_MS)) : 0;
  const late = sent.filter(({ request, at, hasClock }) => {
    const spacecraft = PACKET_START + at - setBackMs(request);
    return hasClock && spacecraft > Date.parse(request.expiry) + age + SLACK_MS;
  });
  const recorded = log.events.flatMap((event) =>
    event.type === 'action' && event.disposition === 'request' ? [event.id] : [],
  );
  return [
    ...twice(received.map(({ id }) => id)).map((id) => `request ${id} reached the spacecraft twice`),
    ...sent.filter(({ isRecorded }) => !isRecorded).map(({ request }) => `request ${request.id} left without a record`),
    ...sent
      .filter(({ mode }) => mode !== 'active')
      .map(({ request, mode }) => `request ${request.id} left while ${mode}`),
    ...(hasJumps
      ? []
      : late.map(
          ({ request, at }) => `request ${request.id} left at ${String(at)} ms, after its expiry ${request.expiry}`,
        )),
    ...received
      .filter(({ id }) => !recorded.includes(id))
      .map(({ id }) => `request ${id} was received and never recorded`),
  ];
};

/** Every frame of every message that was dealt with is assembled, open, or counted as dropped; and the tally says the same. */
const nothingIsLost = ({ dealtWith, log, isDrained }: CampaignRun): string[] => {
  const plan = planStream(toyMission);
  let state = initialAssembler;
  let frames = 0;
  const counted: Record<string, number> = {};
  const before = new Set<number>();
  const count = (reason: string, by: number): void => {
    counted[reason] = (counted[reason] ?? 0) + by;
  };
  for (const message of dealtWith) {
    if (before.has(message.id)) {
      // The broker sent it again, and it is recognised as a whole.
      count('duplicate', Math.max(1, message.frames.length + message.controls.length));
      continue;
    }
    before.add(message.id);
    if (message.isGarbage) count('malformed', 1);
    for (const partial of message.frames) {
      const step = assembleFrames(plan, state, partial, message.receivedAt);
      ({ state } = step);
      const items = [...step.items, ...(step.stepBack?.items ?? [])];
      frames += items.filter(({ kind }) => kind === 'frame').length;
      for (const drop of step.drops) count(drop.reason, drop.count ?? 1);
    }
  }
  const tally = log.memory?.tally;
  if (tally === undefined || !isDrained) return [];
  const found: string[] = [];
  const told = tally.frames;
  if (told !== frames) found.push(`${String(told)} frames are counted where ${String(frames)} were dealt with`);
  const reasons = new Set([...Object.keys(counted), ...Object.keys(tally.dropped)]);
  for (const reason of reasons) {
    const [now, wanted] = [tally.dropped[reason as 'late'] ?? 0, counted[reason] ?? 0];
    if (now !== wanted) found.push(`${String(now)} are counted as ${reason} where ${String(wanted)} were`);
  }
  return found;
};

/** What was committed to be published is heard in its order, and nothing that was found is missing among it. */
const publicationsAreRight = ({ log, heard, isDrained }: CampaignRun): string[] => {
  if (!isDrained) return [];
  const first = [...new Set(heard)];
  const outOfOrder = first.findIndex((place, index) => place !== index);
  const told = new Set(log.publications.map(({ publication }) => `${publication.topic} ${publication.payload}`));
  const untold = publicationsOf(topicsOf('fdir', toyMission.spacecraft), { events: log.events, alarms: [] }).filter(
    ({ topic, payload }) => !told.has(`${topic} ${payload}`),
  );
  return [
    ...(outOfOrder < 0 ? [] : [`publication ${String(first[outOfOrder])} was heard in place ${String(outOfOrder)}`]),
    ...(first.length === log.publications.length
      ? []
      : [`${String(first.length)} of ${String(log.publications.length)} publications were heard`]),
    ...(untold.length === 0 ? [] : [`${String(untold.length)} findings were committed without a publication`]),
  ];
};

const statesAreWellFormed = ({ log }: CampaignRun): string[] => {
  const found: string[] = [];
  for (const event of log.events) {
    if (event.type !== 'anomaly') continue;
    const { type: _type, ...record } = event;
    const read = explanationSchema.safeParse(JSON.parse(JSON.stringify(record)));
    if (!read.success) found.push(`the record ${record.id} is none: ${read.error.message}`);
  }
  for (const record of log.recoveries()) {
    const read = recoverySchema.safeParse(JSON.parse(JSON.stringify(record)));
    if (!read.success) found.push(`the recovery ${record.id} is none: ${read.error.message}`);
  }
  const revisions = new Map<string, number>();
  for (const event of log.events) {
    if (event.type !== 'anomaly') continue;
    const before = revisions.get(event.id) ?? 0;
    if (event.revision !== before + 1)
      found.push(`${event.id} goes from revision ${String(before)} to ${String(event.revision)}`);
    revisions.set(event.id, event.revision);
  }
  return found;
};

const memoryIsBounded = (plan: Plan, { greatestDepth, checkpointBytes }: CampaignRun): string[] => [
  // Beside what the broker has under way: ticks, the link.
  ...(greatestDepth > 2 * plan.receiveMaximum + 8 ? [`${String(greatestDepth)} arrivals waited`] : []),
  ...(checkpointBytes > MAX_CHECKPOINT_BYTES ? [`the checkpoint has ${String(checkpointBytes)} bytes`] : []),
];

/** What is wrong with a run. */
export const violationsOf = (plan: Plan, run: CampaignRun): readonly string[] => [
  ...run.troubles,
  ...requestsAreRight(plan, run),
  ...nothingIsLost(run),
  ...publicationsAreRight(run),
  ...statesAreWellFormed(run),
  ...memoryIsBounded(plan, run),
];
