/** `fdir log show ID`: the account of one anomaly, on the terminal or as a page. */
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { LoggedAccount } from '../../adapters/log/log-reader';
import { daemonConfigSchema } from '../../config/daemon-config';
import { loadMission, readConfigText } from '../../config/load-mission';
import { parseYaml } from '../../config/yaml-document';
import { FdirError } from '../../domain/errors';
import type { Mission } from '../../domain/mission';
import { note, writeJson, writeLine } from '../output';
import { writing } from '../output-file';
import { renderLogAccount, missionOf } from '../render/log-account';
import { lookOf } from '../render/look';
import { anomalyPage } from '../report/anomaly-page';
import { reportUnknownId, withLogOptions, withReader, type LogOptions } from './source';

interface ShowOptions extends LogOptions {
  readonly html?: string;
}

/** Titles and units come from the mission file, where one is named. */
const missionFor = ({ config }: LogOptions, account: LoggedAccount): Mission => {
  const newest = account.revisions.at(-1);
  if (config !== undefined) {
    const { mission } = parseYaml(config, readConfigText(config), daemonConfigSchema).value;
    // Of a fleet the record itself names what it is about.
    if (mission !== undefined) return loadMission(resolve(dirname(resolve(config)), mission));
  }
  if (newest === undefined) throw new FdirError('input', 'the anomaly has no revision');
  return missionOf(newest);
};

const show = (id: string, options: ShowOptions): void => {
  const account = withReader(options, (reader) => reader.account(id));
  if (account === undefined) {
    reportUnknownId(id, options);
    return;
  }
  if (options.html !== undefined) {
    const { html } = options;
    const page = anomalyPage(missionFor(options, account), account);
    writing(html, () => {
      writeFileSync(html, page);
    });
    note(`wrote ${html}`);
  } else if (options.json === true) {
    writeJson(account);
  } else {
    const look = lookOf(process.stdout, process.env);
    renderLogAccount(missionFor(options, account), account, look).forEach(writeLine);
  }
};

export const registerShow = (log: Command): void => {
  withLogOptions(
    log
      .command('show')
      .description('show one anomaly: what, how sure, why, measured against expected, what was done and how it ended'),
  )
    .argument('<id>', 'id of the anomaly')
    .option('--html <file>', 'write a page that needs no other file')
    .action(show);
};
