/** Everything that runs, in one folder: what the tarball holds, and what the Debian package puts below /usr/lib. */
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VERSION } from '../domain/version';
import { bundleProgram } from './bundle';
import { copyNatives, type NativesOptions } from './natives';

/** What is copied as it is: the model that is bundled, the rules as examples, what the demonstration plays and names, the units, texts. */
const COPIED = [
  'models/README.md',
  'models/rw-cae/model.onnx',
  'models/rw-cae/model.json',
  'rules',
  'telemetry-fixtures/dropout.csv',
  'telemetry-fixtures/several.csv',
  'telemetry-fixtures/several.labels.csv',
  'systemd',
  'README.md',
  'LICENSE',
];
/** Built beside the program where there is one. */
const PAGE = 'console/page';

/** Makes the folder anew. */
export const stageProgram = async (options: NativesOptions, into: string): Promise<void> => {
  const { root, target } = options;
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  await bundleProgram(root, into);
  chmodSync(join(into, 'cli.js'), 0o755);
  copyNatives(options, into);
  for (const path of COPIED) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    cpSync(join(root, path), join(into, path), { recursive: true });
  }
  const page = join(root, 'dist', PAGE);
  if (existsSync(page)) cpSync(page, join(into, PAGE), { recursive: true });
  const about = {
    name: 'peephole-fdir',
    version: VERSION,
    license: 'Apache-2.0',
    private: true,
    bin: { fdir: 'cli.js' },
    engines: { node: `>=20.19 <${String(Number(process.versions.node.split('.')[0]) + 1)}` },
    os: ['linux'],
    cpu: [target.arch],
  };
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(about, undefined, 2)}\n`);
};
