/** One spacecraft of a fleet: its anomalies, its alarms, and the account of an anomaly, from the log that the fleet shares. */
import { z } from 'zod';
import { anomalyListSchema } from '../../api/anomalies';
import { flag, idText } from '../../api/common';
import { spacecraftAccountSchema, spacecraftAlarmsSchema, spacecraftAnomaliesQuery } from '../../api/fleet';
import { readingLog, type ZodServer } from '../context';
import { HttpProblem } from '../problems';
import type { ConsoleLog } from '../world';

/** What these routes read. */
export type SpacecraftLog = Pick<ConsoleLog, 'list' | 'alarms' | 'account'>;

const spacecraft = z.string().max(64);
const params = z.object({ spacecraft });

/** @param isKnown whether the fleet has a spacecraft of this name. */
export const spacecraftRoutes = (server: ZodServer, log: SpacecraftLog, isKnown: (name: string) => boolean): void => {
  const known = (name: string): string => {
    if (!isKnown(name)) throw new HttpProblem('not-found', `no spacecraft of this worker is called ${name}`);
    return name;
  };
  server.get(
    '/fleet/:spacecraft/anomalies',
    { schema: { params, querystring: spacecraftAnomaliesQuery, response: { 200: anomalyListSchema } } },
    ({ params: { spacecraft: name }, query }) => readingLog(() => log.list({ ...query, spacecraft: known(name) })),
  );
  server.get(
    '/fleet/:spacecraft/alarms',
    {
      schema: {
        params,
        querystring: z.object({ all: flag.default(false) }),
        response: { 200: spacecraftAlarmsSchema },
      },
    },
    ({ params: { spacecraft: name }, query: { all } }) => {
      const prefix = `${known(name)}/`;
      return { items: readingLog(() => log.alarms(all)).filter((alarm) => alarm.name.startsWith(prefix)) };
    },
  );
  server.get(
    '/fleet/:spacecraft/anomaly',
    { schema: { params, querystring: z.object({ id: idText }), response: { 200: spacecraftAccountSchema } } },
    ({ params: { spacecraft: name }, query: { id } }) => {
      known(name);
      const account = readingLog(() => log.account(id));
      const record = account?.revisions.at(-1);
      if (account === undefined || record?.spacecraft !== name)
        throw new HttpProblem('not-found', `no anomaly of ${name} is called ${id}`);
      const { revisions, requests, alarms } = account;
      return { record, revisions: revisions.length, requests: [...requests], alarms: [...alarms] };
    },
  );
};
