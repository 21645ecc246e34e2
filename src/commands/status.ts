/** `fdir status`: how a daemon is, from what it last said to its broker. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { readBrokerAccess } from '../adapters/mqtt/broker-access';
import { readRetained } from '../adapters/mqtt/read-retained';
import { systemClock } from '../adapters/host/system-clock';
import { loadAddress } from '../config/load-address';
import { readHealth } from '../core/health';
import { topicsOf } from '../core/topics';
import { note, writeJson, writeLine } from './output';
import { isStale, isWell, renderStatus, type Status } from './render/status';

interface StatusOptions {
  readonly config: string;
  readonly spacecraft?: string;
  readonly json?: boolean;
}

const show = async ({ config, spacecraft: asked, json = false }: StatusOptions): Promise<void> => {
  const { url, mqtt, folder, baseTopic, spacecraft } = loadAddress(config, asked);
  const access = readBrokerAccess(mqtt, { baseDir: folder });
  const topics = topicsOf(baseTopic, spacecraft);
  const clientId = `fdir-status-${randomBytes(6).toString('hex')}`;
  const retained = await readRetained({ url, access, clientId, topics: [topics.state, topics.health] });
  const text = retained.get(topics.health);
  const health = text === undefined ? undefined : readHealth(text);
  if (text !== undefined && health === undefined)
    note('the health message cannot be read; it may be of another version');
  const status: Status = {
    spacecraft,
    state: retained.get(topics.state),
    health,
    healthAgeSeconds: health && (systemClock.now() - Date.parse(health.time)) / 1000,
  };
  if (json) {
    writeJson({
      schemaVersion: 1,
      ...status,
      state: status.state ?? null,
      health: health ?? null,
      isStale: isStale(status),
    });
  } else renderStatus(status).forEach(writeLine);
  if (!isWell(status)) process.exitCode = 1;
};

/** Adds the verb `status` to the program. */
export const register = (program: Command): void => {
  program
    .command('status')
    .description('show the state of a daemon; exit 1 when it is offline, silent, or a part of it does not work')
    .requiredOption('--config <file>', 'the configuration of the daemon')
    .option('--spacecraft <name>', 'which spacecraft of a fleet')
    .option('--json', 'one JSON document on stdout')
    .action(show);
};
