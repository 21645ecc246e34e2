/** `fdir watch`: a terminal view that stays, for people on a serial line or ssh. */
import { userInfo } from 'node:os';
import { emitKeypressEvents } from 'node:readline';
import type { Command } from 'commander';
import { loadAddress } from '../config/load-address';
import { loadConfig } from '../config/load-config';
import { FdirError } from '../domain/errors';
import { readReliability, type ReliabilityBin } from '../domain/reliability';
import { lookOf } from './render/look';
import { drawWatch, type WatchLook } from './watch/draw';
import { initialWatch, press, type Key, type WatchModel } from './watch/model';
import { DEFAULT_SIZE, LineScreen } from './watch/screen';
import { WatchSource } from './watch/source';

interface WatchOptions {
  readonly config: string;
  readonly by?: string;
  readonly spacecraft?: string;
}

/** What the terminal can show. */
const isUnicode = ({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv): boolean =>
  /utf-?8/i.test([LC_ALL, LC_CTYPE, LANG].find((word) => word !== undefined && word !== '') ?? '') && TERM !== 'vt100';

/** The package's calibration; a configuration that cannot be loaded here is watched all the same. */
const reliabilityOf = (file: string): readonly ReliabilityBin[] => {
  try {
    return readReliability(loadConfig(file).manifest?.quality);
  } catch {
    return [];
  }
};

const watch = async ({ config, by, spacecraft }: WatchOptions): Promise<void> => {
  const { stdin, stdout, env } = process;
  if (!stdout.isTTY || !stdin.isTTY)
    throw new FdirError('usage', 'fdir watch needs a terminal; for programs there is fdir status --json');
  const address = loadAddress(config, spacecraft);
  const reliability = reliabilityOf(config);
  const screen = new LineScreen(stdout);
  let model = initialWatch(address.spacecraft);
  const look = (): WatchLook => ({
    rows: stdout.rows || DEFAULT_SIZE.rows,
    columns: stdout.columns || DEFAULT_SIZE.columns,
    paint: lookOf(stdout, env).paint,
    isUnicode: isUnicode(env),
    reliability,
  });
  const become = (next: WatchModel): void => {
    model = next;
    screen.show(drawWatch(model, look()));
  };
  const source = new WatchSource({
    address,
    by: by ?? userInfo().username,
    onChange: (change) => {
      become({ ...model, view: { ...model.view, ...change } });
    },
    onTold: (told) => {
      become({ ...model, told });
    },
  });
  await new Promise<void>((resolve) => {
    const onKey = (_text: string | undefined, key: Key): void => {
      const { model: next, effect } = press(model, key);
      become(next);
      if (effect?.kind === 'quit') resolve();
      if (effect?.kind === 'redraw') screen.forget();
      if (effect?.kind === 'order') void source.order(effect);
      if (effect !== undefined) become(model);
    };
    emitKeypressEvents(stdin);
    stdin.setRawMode(true);
    stdin.on('keypress', onKey);
    stdout.on('resize', () => {
      screen.forget();
      become(model);
    });
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
    // A line that is cut off says so here.
    stdin.once('end', resolve);
    screen.enter();
    become(model);
    source.start();
  }).finally(() => {
    stdin.setRawMode(false);
    stdin.pause();
    screen.leave();
  });
  await source.stop();
};

/** Adds the verb `watch` to the program. */
export const register = (program: Command): void => {
  program
    .command('watch')
    .description(
      'watch a daemon in the terminal: state, open alarms, newest anomaly, requests; acknowledge and approve',
    )
    .requiredOption('--config <file>', 'configuration of the daemon')
    .option('--spacecraft <name>', 'which spacecraft of a fleet')
    .option('--by <name>', 'who decides; by default the user of this terminal')
    .action(watch);
};
