/** Where this program's own files are: models, rules and passes of the demonstration. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder above with a `package.json`: the same from `src`, from `dist` and from a package that was installed. */
export const packageRoot = (from = __dirname): string => {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : packageRoot(above);
};
