/** The manual page and the completion scripts: the program prints them, and each lies where a Linux system looks for it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Below `share/`, each with the arguments of `fdir` that print it. */
const FILES = {
  'man/man1/fdir.1.gz': ['man'],
  'bash-completion/completions/fdir': ['completion', 'bash'],
  'zsh/vendor-completions/_fdir': ['completion', 'zsh'],
  'fish/vendor_completions.d/fdir.fish': ['completion', 'fish'],
} as const;

export const SHARED = 'share';

/** @param root the project, with its program built. @param into a staged program, also for another computer than this one. */
export const writeShellFiles = (root: string, into: string): void => {
  for (const [path, args] of Object.entries(FILES)) {
    const text = execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const file = join(into, SHARED, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, path.endsWith('.gz') ? gzipSync(text, { level: 9 }) : text);
  }
};
