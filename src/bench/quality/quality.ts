/**
 * `npm run quality`: the figures of models/README.md, tables in Markdown on stdout, commands on stderr. Everything takes about an hour on two
 * cores; `-- --only NAME,...` takes parts of it, `--data FOLDER` holds the recordings of others that skab, nasa and ims need.
 */
import { parseArgs } from 'node:util';
import { describeError, exitStatus, FdirError } from '../../domain/errors';
import { qualityCost, qualityFit } from './quality-cost';
import { qualityIms } from './quality-ims';
import { qualityNasa } from './quality-nasa';
import { qualitySettings } from './quality-settings';
import { qualitySkab } from './quality-skab';
import { openQuality, type Quality } from './quality-support';
import { qualityWheels } from './quality-wheels';

const PARTS: ReadonlyMap<string, (quality: Quality) => void | Promise<void>> = new Map([
  ['wheels', qualityWheels],
  ['settings', qualitySettings],
  ['cost', qualityCost],
  ['fit', qualityFit],
  ['skab', qualitySkab],
  ['nasa', qualityNasa],
  ['ims', qualityIms],
]);
/** Those that need `--data`. */
const RECORDED = new Map([
  ['skab', 'skab'],
  ['nasa', 'nasa-smap-msl'],
  ['ims', 'ims-bearings'],
]);

const main = async (): Promise<void> => {
  const { only, data } = parseArgs({ options: { only: { type: 'string' }, data: { type: 'string' } } }).values;
  const all = [...PARTS.keys()].filter((name) => data !== undefined || !RECORDED.has(name));
  const names = only?.split(',') ?? all;
  const unknown = names.filter((name) => !PARTS.has(name));
  if (unknown.length > 0)
    throw new FdirError('usage', `--only ${unknown.join(',')}: there are ${[...PARTS.keys()].join(', ')}`);
  const quality = openQuality(data);
  try {
    // Before anything long: what is missing is told at once.
    for (const name of names) {
      const folder = RECORDED.get(name);
      if (folder !== undefined) quality.recordings(folder);
    }
    for (const name of names) await PARTS.get(name)?.(quality);
  } finally {
    quality.remove();
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`quality: ${describeError(error)}\n`);
  process.exitCode = exitStatus(error);
});
