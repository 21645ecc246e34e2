/** Folders as a tarball and as a Debian package, the same bytes for the same content. */
import { execFileSync } from 'node:child_process';
import { FdirError } from '../domain/errors';

/** Nothing in an archive is younger than this: the seconds of the last commit, where there is a repository. */
export const archiveTime = (root: string): string => {
  const { SOURCE_DATE_EPOCH: given } = process.env;
  if (given !== undefined) return given;
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '0';
  }
};

const run = (program: string, args: readonly string[], time: string): void => {
  try {
    execFileSync(program, args, { env: { ...process.env, SOURCE_DATE_EPOCH: time }, stdio: 'pipe' });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    const why = code === 'ENOENT' ? 'it is not installed' : (stderr?.toString() ?? String(error));
    throw new FdirError('runtime', `${program}: ${why}`);
  }
};

/** `parent/name` as a tarball that unpacks to `name`. */
export const makeTarball = (parent: string, name: string, file: string, time: string): void => {
  const sameEverywhere = ['--sort=name', `--mtime=@${time}`, '--owner=0', '--group=0', '--numeric-owner'];
  run('tar', [...sameEverywhere, '-C', parent, '-czf', file, name], time);
};

export const makeDebian = (folder: string, file: string, time: string): void => {
  run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', folder, file], time);
};
