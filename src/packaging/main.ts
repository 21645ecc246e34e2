/** `npm run package`: a tarball and a Debian package for each computer it runs on. One JSON document on stdout, progress on stderr. */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError, exitStatus } from '../domain/errors';
import { VERSION } from '../domain/version';
import { archiveTime, makeDebian, makeTarball } from './archive';
import { billOfMaterials } from './bill-of-materials';
import { stageDebian } from './debian';
import { stageProgram } from './stage';
import { TARGETS, targetsOf, type Target } from './targets';

const ROOT = resolve(__dirname, '../..');
const MEBIBYTE = 2 ** 20;

const report = (line: string): void => void process.stderr.write(`${line}\n`);

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(path) : entry.isFile() ? statSync(path).size : 0);
  }, 0);

const mebibytes = (bytes: number): number => Math.round((bytes / MEBIBYTE) * 10) / 10;

const packageFor = async (target: Target, out: string) => {
  const name = `peephole-fdir-${VERSION}-linux-${target.arch}`;
  const build = join(out, 'build');
  const program = join(build, name);
  const cache = join(out, 'cache');
  const time = archiveTime(ROOT);
  report(`${name}: bundling`);
  const packages = await stageProgram({ root: ROOT, target, cache, report }, program);
  const tarball = join(out, `${name}.tar.gz`);
  makeTarball(build, name, tarball, time);
  const tree = join(build, `debian-${target.debian}`);
  stageDebian(program, target, tree);
  const debian = join(out, `peephole-fdir_${VERSION}_${target.debian}.deb`);
  report(`${name}: packing`);
  makeDebian(tree, debian, time);
  // Both hold the same packages. Each has its list beside it, because people take them apart.
  for (const file of [tarball, debian]) {
    writeFileSync(`${file}.cdx.json`, billOfMaterials(packages, `linux-${target.arch}`));
  }
  return {
    target: `linux-${target.arch}`,
    packages: packages.length,
    unpackedMiB: mebibytes(bytesBelow(program)),
    tarball: { file: tarball, billOfMaterials: `${tarball}.cdx.json`, MiB: mebibytes(statSync(tarball).size) },
    debian: { file: debian, billOfMaterials: `${debian}.cdx.json`, MiB: mebibytes(statSync(debian).size) },
  };
};

const main = async (): Promise<void> => {
  const { arch, out: folder } = parseArgs({
    options: {
      arch: { type: 'string', default: TARGETS.map((target) => target.arch).join(',') },
      out: { type: 'string', default: 'packages' },
    },
  }).values;
  const targets = targetsOf(arch.split(','));
  const out = resolve(folder);
  mkdirSync(out, { recursive: true });
  const packages: object[] = [];
  for (const target of targets) packages.push(await packageFor(target, out));
  rmSync(join(out, 'build'), { recursive: true, force: true });
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, version: VERSION, packages }, undefined, 2)}\n`);
};

main().catch((error: unknown) => {
  report(`package: ${describeError(error)}`);
  process.exitCode = exitStatus(error);
});
