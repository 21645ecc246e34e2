/** The tree of the Debian package: program, units, example configuration, user documentation, and what dpkg must know. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { VERSION } from '../domain/version';
import { debianCopyright } from './notices';
import { SHARED } from './shell-files';
import { NOTICES } from './stage';
import type { Target } from './targets';

const LIBRARY = 'usr/lib/peephole-fdir';
const DOCUMENTS = 'usr/share/doc/peephole-fdir';
const CONFIGURATION = 'etc/fdir';
const UNITS = 'usr/lib/systemd/system';
/** What an operator changes; dpkg keeps the changes. */
const CONFIGURED = ['fdir.yaml', 'mission.yaml', 'monitoring.yaml', 'event-actions.yaml'];
/** Documentation, with the folders it has in the project so that its links hold. */
const DOCUMENTED = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'rules', 'models/README.md', 'systemd'];
const KIBIBYTE = 1024;

/** Nothing is started or stopped behind an operator's back: only systemd is told that units came or went. */
const MAINTENANCE = `#!/bin/sh
set -e
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
`;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });

/** Node's machine interface changes with its major version, and better-sqlite3 is compiled for one. */
const control = ({ debian }: Target, kibibytes: number): string => {
  const major = Number(process.versions.node.split('.')[0]);
  return `Package: peephole-fdir
Version: ${VERSION}
Architecture: ${debian}
Maintainer: peephole-fdir <peephole-fdir@invalid>
Section: science
Priority: optional
Installed-Size: ${String(kibibytes)}
Depends: libc6 (>= 2.28), libstdc++6
Recommends: nodejs (>= 20.19), nodejs (<< ${String(major + 1)})
Suggests: mosquitto
Description: satellite telemetry FDIR daemon that explains itself
 Watches spacecraft telemetry over MQTT with an ONNX model and plain limits,
 says which fault it sees in which unit and why, keeps a log of it, and asks
 for recovery by rules. It comes passive: nothing is requested until an
 operator switches it on. Node ${String(major)} runs it, from Debian or elsewhere.
`;
};

/** Builds the tree in `into` from a staged program. */
export const stageDebian = (program: string, target: Target, into: string): void => {
  rmSync(into, { recursive: true, force: true });
  const at = (path: string): string => {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    return join(into, path);
  };
  cpSync(program, at(LIBRARY), { recursive: true });
  cpSync(join(into, LIBRARY, SHARED), at('usr/share'), { recursive: true });
  rmSync(join(into, LIBRARY, SHARED), { recursive: true });
  mkdirSync(join(into, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/peephole-fdir/cli.js', at('usr/bin/fdir'));
  for (const unit of ['fdir.service', 'fdir@.service', 'fdir-worker@.service'])
    cpSync(join(program, 'systemd', unit), at(`${UNITS}/${unit}`));
  for (const path of DOCUMENTED) cpSync(join(program, path), at(`${DOCUMENTS}/${path}`), { recursive: true });
  const [own, notices] = ['LICENSE', NOTICES].map((name) => readFileSync(join(program, name), 'utf8'));
  writeFileSync(at(`${DOCUMENTS}/copyright`), debianCopyright(own ?? '', notices ?? ''));
  for (const name of CONFIGURED) {
    const text = readFileSync(join(program, 'rules', name), 'utf8');
    writeFileSync(at(`${CONFIGURATION}/${name}`), text.replace('model: ../models/', `model: /${LIBRARY}/models/`));
  }
  const files = filesBelow(into);
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const sums = files
    .filter((file) => !file.startsWith(join(into, CONFIGURATION)))
    .map((file) => `${createHash('md5').update(readFileSync(file)).digest('hex')}  ${relative(into, file)}\n`);
  writeFileSync(at('DEBIAN/control'), control(target, Math.ceil(bytes / KIBIBYTE)));
  writeFileSync(at('DEBIAN/md5sums'), sums.join(''));
  writeFileSync(at('DEBIAN/conffiles'), CONFIGURED.map((name) => `/${CONFIGURATION}/${name}\n`).join(''));
  for (const script of ['postinst', 'postrm']) {
    writeFileSync(at(`DEBIAN/${script}`), MAINTENANCE);
    chmodSync(join(into, `DEBIAN/${script}`), 0o755);
  }
};
