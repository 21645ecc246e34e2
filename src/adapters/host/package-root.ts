/** Where this program's own files are: models, rules and passes of the demonstration. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder above with a `package.json`: the same from `src`, from `dist` and from a package that was installed. */
export const packageRoot = (from = __dirname): string => {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : packageRoot(above);
};

/** A compiled file of this program, by its path below `dist`: what a worker thread is started from. */
export const programFile = (name: string): string => {
  const root = packageRoot();
  const built = join(root, 'dist', name);
  // A package that was installed has no `dist`: its program lies at the root.
  return existsSync(built) ? built : join(root, name);
};
