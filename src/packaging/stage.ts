/** Everything that runs, in one folder: what the tarball holds, and what the Debian package puts below /usr/lib. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VERSION } from '../domain/version';
import { bundleProgram } from './bundle';
import { copyNatives, type NativesOptions } from './natives';
import { thirdPartyNotices } from './notices';
import { mergePackages, parseBundled, type ShippedPackage } from './shipped-packages';
import { writeShellFiles } from './shell-files';

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
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
];
/** Built beside the program. Vite lists in it which packages are inside the page. */
const PAGE = 'console/page';
/** The plugin for Open MCT holds nothing of others. */
const OPENMCT = 'console/openmct';
const PAGE_LICENCES = 'licences.json';
export const NOTICES = 'THIRD-PARTY-NOTICES';

/** Copies the page, where one was built. @returns the packages inside it. */
const copyPage = (root: string, into: string): readonly ShippedPackage[] => {
  const page = join(root, 'dist', PAGE);
  const openmct = join(root, 'dist', OPENMCT);
  if (existsSync(openmct)) cpSync(openmct, join(into, OPENMCT), { recursive: true });
  if (!existsSync(page)) return [];
  cpSync(page, join(into, PAGE), { recursive: true });
  return parseBundled(JSON.parse(readFileSync(join(page, PAGE_LICENCES), 'utf8')));
};

/** Makes the folder anew. @returns the packages of others that are in it. */
export const stageProgram = async (options: NativesOptions, into: string): Promise<readonly ShippedPackage[]> => {
  const { root, target } = options;
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const bundled = await bundleProgram(root, into);
  chmodSync(join(into, 'cli.js'), 0o755);
  const natives = copyNatives(options, into);
  for (const path of COPIED) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    cpSync(join(root, path), join(into, path), { recursive: true });
  }
  const packages = mergePackages(bundled, natives, copyPage(root, into));
  writeFileSync(join(into, NOTICES), thirdPartyNotices(packages));
  writeShellFiles(root, into);
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
  return packages;
};
