/** `fdir shadow report`: how the shadow model of a running daemon compares with the live one. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { readBrokerAccess } from '../adapters/mqtt/broker-access';
import { readRetained } from '../adapters/mqtt/read-retained';
import { loadAddress } from '../config/load-address';
import { readHealth } from '../core/health';
import { topicsOf } from '../core/topics';
import { FdirError } from '../domain/errors';
import { writeJson, writeLine } from './output';
import { renderShadow } from './render/shadow';

interface ShadowOptions {
  readonly config: string;
  readonly spacecraft?: string;
  readonly json?: boolean;
}

const report = async ({ config, spacecraft: asked, json = false }: ShadowOptions): Promise<void> => {
  const { url, mqtt, folder, baseTopic, spacecraft } = loadAddress(config, asked);
  const { health: topic } = topicsOf(baseTopic, spacecraft);
  const access = readBrokerAccess(mqtt, { baseDir: folder });
  const clientId = `fdir-shadow-${randomBytes(6).toString('hex')}`;
  const text = (await readRetained({ url, access, clientId, topics: [topic] })).get(topic);
  if (text === undefined) throw new FdirError('runtime', `no daemon has published anything on ${topic}`);
  const said = readHealth(text);
  if (said === undefined)
    throw new FdirError('runtime', `what is kept on ${topic} is no health message, or comes from another version`);
  const { shadow } = said;
  if (shadow === undefined)
    throw new FdirError('usage', 'this daemon has no shadow model: name one, shadow: FOLDER, and reload');
  if (json) writeJson({ schemaVersion: 1, ...shadow });
  else renderShadow(shadow).forEach(writeLine);
};

/** Adds the verb `shadow` to the program. */
export const register = (program: Command): void => {
  const shadow = program.command('shadow').description('compare a model with the live one, before a swap');
  shadow
    .command('report')
    .description('show on how many windows the two models agree, and where they differ')
    .requiredOption('--config <file>', 'the configuration of the daemon')
    .option('--spacecraft <name>', 'which spacecraft of a fleet')
    .option('--json', 'one JSON document on stdout')
    .action(report);
};
