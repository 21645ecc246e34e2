/** The computers packages are made for. */
import { FdirError } from '../domain/errors';

export interface Target {
  /** As Node names it. */
  readonly arch: 'x64' | 'arm64';
  /** As Debian names it. */
  readonly debian: 'amd64' | 'arm64';
  /** Prefix of the compiler that makes code for it on another machine, and Debian's package of it. */
  readonly compiler: string;
  readonly compilerPackage: string;
}

export const TARGETS: readonly Target[] = [
  { arch: 'x64', debian: 'amd64', compiler: 'x86_64-linux-gnu', compilerPackage: 'g++-x86-64-linux-gnu' },
  { arch: 'arm64', debian: 'arm64', compiler: 'aarch64-linux-gnu', compilerPackage: 'g++-aarch64-linux-gnu' },
];

/** @throws FdirError `usage` for a name that is none of them. */
export const targetsOf = (names: readonly string[]): readonly Target[] =>
  names.map((name) => {
    const found = TARGETS.find(({ arch }) => arch === name);
    if (found === undefined) {
      throw new FdirError('usage', `--arch ${name}: there are ${TARGETS.map(({ arch }) => arch).join(', ')}`);
    }
    return found;
  });
