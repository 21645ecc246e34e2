/** What stands now: overview, mission, health, session, rules, model, alarms and recoveries; answered without the log where it can be. */
import { z } from 'zod';
import { byUrgency } from '../../../core/alarms/alarm-orders';
import { idText, problemSchema, sessionSchema } from '../../api/common';
import { modelViewSchema } from '../../api/model';
import { healthViewSchema, missionViewSchema, overviewSchema } from '../../api/overview';
import {
  alarmAccountSchema,
  alarmListSchema,
  allQuery,
  recoveryAccountSchema,
  recoveryListSchema,
  ruleListSchema,
  type RecoveryAccount,
} from '../../api/recovery';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';
import { missionView, modelView } from '../../port/mission-views';
import { HttpProblem } from '../problems';
import { overviewOf, recoveryView, ruleView } from '../views';
import { isoTime } from '../../../domain/units';
import type { Recovery, RecoveryStep } from '../../../domain/recovery';
import type { EventAction } from '../../../domain/rules';

const failures = { '4xx': problemSchema, '5xx': problemSchema };

/** With what the rule saw when it asked for the step that is under way. */
export const recoveryAccount = (
  { recovery, steps }: { readonly recovery: Recovery; readonly steps: readonly RecoveryStep[] },
  rules: readonly EventAction[],
): RecoveryAccount => ({
  recovery: recoveryView(recovery, rules),
  timeline: [...steps],
  trace: (recovery.steps[recovery.step] ?? recovery.steps[0])?.request.trace ?? [],
});

const isReadable = (context: ConsoleContext): boolean => {
  try {
    context.log.ruleCounts();
    return true;
  } catch {
    return false;
  }
};

const overviewRoutes = (server: ZodServer, context: ConsoleContext): void => {
  const { mission, live, pulse, hub, counters, hasTokens } = context;
  server.get('/overview', { schema: { tags: ['daemon'], response: { 200: overviewSchema, ...failures } } }, () =>
    overviewOf(mission, live, pulse()),
  );
  server.get('/mission', { schema: { tags: ['daemon'], response: { 200: missionViewSchema, ...failures } } }, () =>
    missionView(mission, live.manifest),
  );
  server.get(
    '/session',
    { schema: { tags: ['daemon'], response: { 200: sessionSchema, ...failures } } },
    ({ who }) => ({
      name: who,
      mayChange: who !== null,
      hasTokens,
    }),
  );
  server.get('/health', { schema: { tags: ['daemon'], response: { 200: healthViewSchema, ...failures } } }, () => ({
    pulse: pulse(),
    console: {
      startedAt: isoTime(counters.startedAt),
      clients: hub.size,
      slowClientsDropped: hub.dropped,
      coalesced: counters.coalesced,
      requests: counters.requests,
      refused: counters.refused,
      isLogReadable: isReadable(context),
    },
  }));
  server.get('/model', { schema: { tags: ['model'], response: { 200: modelViewSchema, ...failures } } }, () => {
    const { manifest } = live;
    if (manifest === undefined)
      throw new HttpProblem('not-found', 'the daemon runs without a model: only limits are checked');
    return modelView(manifest);
  });
};

export const liveRoutes = (server: ZodServer, context: ConsoleContext): void => {
  const { live, pulse, log } = context;
  overviewRoutes(server, context);

  server.get('/rules', { schema: { tags: ['rules'], response: { 200: ruleListSchema, ...failures } } }, () => {
    let counts: ReturnType<typeof log.ruleCounts> | undefined;
    try {
      counts = log.ruleCounts();
    } catch {
      // Rules stand without the log; only how often they fired is not known then.
      counts = undefined;
    }
    const items = live.rules.map((rule) => ruleView(rule, live, counts));
    return { sha256: live.rulesSha256, mode: pulse().mode, items };
  });

  server.get(
    '/alarms',
    { schema: { tags: ['alarms'], querystring: allQuery, response: { 200: alarmListSchema, ...failures } } },
    ({ query: { all } }) => {
      const alarms = all ? readingLog(() => log.alarms(true)) : [...live.alarms.values()];
      return { items: [...byUrgency(alarms)] };
    },
  );
  server.get(
    '/alarms/:name',
    {
      schema: {
        tags: ['alarms'],
        params: z.object({ name: idText }),
        response: { 200: alarmAccountSchema, ...failures },
      },
    },
    ({ params: { name } }) => {
      const shown = readingLog(() => log.alarm(name));
      if (shown === undefined) throw new HttpProblem('not-found', `no alarm is called ${name}`);
      return { alarm: shown.alarm, steps: [...shown.steps] };
    },
  );
  server.get(
    '/actions',
    { schema: { tags: ['actions'], querystring: allQuery, response: { 200: recoveryListSchema, ...failures } } },
    ({ query: { all } }) => {
      const recoveries = all
        ? readingLog(() => log.recoveries(true))
        : [...live.recoveries.values()].sort((a, b) => b.startedAt - a.startedAt);
      return { items: recoveries.map((recovery) => recoveryView(recovery, live.rules)) };
    },
  );
  server.get(
    '/actions/:id',
    {
      schema: {
        tags: ['actions'],
        params: z.object({ id: idText }),
        response: { 200: recoveryAccountSchema, ...failures },
      },
    },
    ({ params: { id } }) => {
      const shown = readingLog(() => log.recovery(id));
      if (shown === undefined) throw new HttpProblem('not-found', `no action is called ${id}`);
      return recoveryAccount(shown, live.rules);
    },
  );
};
