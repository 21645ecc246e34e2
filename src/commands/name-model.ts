/** After a fit: the configuration that `fdir init` drafted beside the mission begins to name the model. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { note } from './output';

/** As `fdir init` writes it: the comment says that a fit makes the model. A line that somebody changed is left alone. */
const DRAFTED = /^# model: (\S+) # made by fdir fit;.*$/m;

/** @param out the folder of the package that was made. */
export const nameModel = (mission: string, out: string): void => {
  const folder = dirname(resolve(mission));
  const config = join(folder, 'fdir.yaml');
  if (!existsSync(config)) return;
  const text = readFileSync(config, 'utf8');
  const [line, named] = DRAFTED.exec(text) ?? [];
  if (line === undefined || named === undefined || resolve(folder, named) !== resolve(out)) return;
  writeFileSync(config, text.replace(line, `model: ${relative(folder, resolve(out))} # made by fdir fit`));
  note(`${config} names it now`);
};
