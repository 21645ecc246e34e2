/** An authority with certificates of every kind that a broker or a client may show, made by openssl for the length of a test. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const isOpensslInstalled = spawnSync('openssl', ['version']).status === 0;

export interface Authority {
  /** Path of its certificate. */
  readonly ca: string;
  /** @returns paths of a certificate and its key. */
  issue(name: string, options?: IssueOptions): { readonly cert: string; readonly key: string };
}

export interface IssueOptions {
  /** `DNS:localhost`, `IP:127.0.0.1`. */
  readonly hosts?: string;
  /** Valid until yesterday. */
  readonly isExpired?: boolean;
}

const openssl = (args: readonly string[], cwd: string): void => {
  execFileSync('openssl', args, { cwd, stdio: 'pipe' });
};

const key = (path: string): readonly string[] => [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  path,
];

/** Makes an authority in `folder`; `name` tells several apart. */
export const makeAuthority = (folder: string, name: string): Authority => {
  const at = (file: string): string => join(folder, file);
  const [ca, caKey] = [at(`${name}-ca.pem`), at(`${name}-ca.key`)];
  openssl(['req', '-x509', ...key(caKey), '-out', ca, '-days', '2', '-subj', `/CN=${name} authority`], folder);
  return {
    ca,
    issue: (subject, { hosts = 'DNS:localhost,IP:127.0.0.1', isExpired = false } = {}) => {
      const [cert, own, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((kind) =>
        at(`${name}-${subject}.${kind}`),
      );
      if (cert === undefined || own === undefined || request === undefined || extensions === undefined)
        throw new Error();
      writeFileSync(extensions, `subjectAltName=${hosts}\n`);
      openssl(['req', ...key(own), '-out', request, '-subj', `/CN=${subject}`], folder);
      chmodSync(own, 0o600);
      // A negative number of days ends before it begins, in the past: expired all the same.
      const days = isExpired ? '-1' : '2';
      openssl(
        [
          'x509',
          '-req',
          '-in',
          request,
          '-CA',
          ca,
          '-CAkey',
          caKey,
          '-CAcreateserial',
          '-out',
          cert,
          '-days',
          days,
          '-extfile',
          extensions,
        ],
        folder,
      );
      return { cert, key: own };
    },
  };
};
