/** The way to the database: encrypted, the server checked, the password from a file. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPool, poolConfigOf, prepareDatabase } from '../../src/adapters/postgres/pg-connect';
import { isOpensslInstalled, makeAuthority, type Authority } from '../support/certificates';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';

const describeWithTls = (title: string, body: () => void): void => {
  if (isOpensslInstalled) describeWithDatabase(title, body);
  else describe.skip(`${title} (skipped: openssl is not installed)`, body);
};

describeWithTls('a database that speaks TLS', () => {
  let folder: string;
  let postgres: Postgres;
  let authority: Authority;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-database-tls-'));
    authority = makeAuthority(folder, 'ours');
    // Of its name, and not of its address.
    postgres = await startPostgres(authority.issue('database', { hosts: 'DNS:localhost' }));
  }, 60_000);

  afterAll(async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true });
  });

  interface Way {
    readonly host?: string;
    readonly ca?: string;
    readonly passwordFile?: string;
  }
  /** Whether the connection is encrypted. */
  const connect = async (way: Way): Promise<boolean> => {
    const { host = 'localhost', passwordFile = postgres.passwordFile, ca } = way;
    const url = postgres.url.replace('127.0.0.1', host);
    const pool = openPool(poolConfigOf({ postgres: { url, passwordFile, ca } }, folder), () => undefined);
    try {
      await prepareDatabase(pool);
      const { rows } = await pool.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return rows[0]?.ssl === true;
    } finally {
      await pool.end();
    }
  };
  const written = (name: string, text: string, mode: number): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  test('is used encrypted, when an authority of ours vouches for its name', async () => {
    expect(await connect({ ca: authority.ca })).toBe(true);
    expect(await connect({})).toBe(false);
  });

  test('is not used when another authority vouches for it, or for another name', async () => {
    const other = makeAuthority(folder, 'theirs');
    await expect(connect({ ca: other.ca })).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringMatching(/cannot be reached: .*certificate.*check store\.postgres/),
    });
    await expect(connect({ ca: authority.ca, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('127.0.0.1'),
    });
  });

  test('is not used in the clear when authorities are named and it speaks no TLS', async () => {
    const plain = await startPostgres();
    const url = plain.url;
    const config = poolConfigOf({ postgres: { url, passwordFile: plain.passwordFile, ca: authority.ca } }, folder);
    const pool = openPool(config, () => undefined);
    await expect(prepareDatabase(pool)).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('does not support SSL'),
    });
    await pool.end();
    await plain.stop();
  });

  test('takes the password from its file; a wrong one, one that others can read, and one that is missing are named', async () => {
    expect(await connect({ passwordFile: written('right', `${postgres.password}\n`, 0o600), ca: authority.ca })).toBe(
      true,
    );
    await expect(connect({ passwordFile: written('wrong', 'guessed', 0o600) })).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('password authentication failed'),
    });
    await expect(connect({ passwordFile: written('open', postgres.password, 0o644) })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/open can be read by others: chmod 600/),
    });
    await expect(connect({ passwordFile: 'nowhere' })).rejects.toMatchObject({ code: 'config' });
    await expect(connect({ ca: 'nowhere.pem' })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('store.postgres.ca nowhere.pem'),
    });
  });
});
