/** What operators install: made, installed and started as they would. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../src/domain/version';
import { listen, type Listener } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { until } from '../support/until';

const ROOT = join(__dirname, '../..');
/** Unpacked, without Node. */
const MAX_MIB = 80;

interface Made {
  readonly packages: readonly {
    readonly target: string;
    readonly unpackedMiB: number;
    readonly packages: number;
    readonly tarball: { readonly file: string; readonly billOfMaterials: string };
    readonly debian: { readonly file: string; readonly billOfMaterials: string };
  }[];
}

const canMakeDebian = spawnSync('dpkg-deb', ['--version']).error === undefined && process.platform === 'linux';

(canMakeDebian ? describeWithBroker : describe.skip)('the packages of this platform', () => {
  let folder: string;
  let made: Made['packages'][number];
  let broker: Broker;
  let listener: Listener;
  let daemon: ChildProcess | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-package-'));
    const args = ['dist/packaging/main.js', '--arch', process.arch, '--out', join(folder, 'out')];
    const { packages } = JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })) as Made;
    const [first] = packages;
    if (first === undefined) throw new Error('no package was made');
    made = first;
    broker = await startBroker();
    listener = await listen(broker.url);
  }, 400_000);
  afterEach(() => {
    daemon?.kill('SIGKILL');
  });
  afterAll(async () => {
    await listener.close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the daemon of a program, sees it come up and go. */
  const runs = async (fdir: string, config: string): Promise<void> => {
    const heardBefore = listener.on('fdir/AURORA-1/state').length;
    const words = () => listener.on('fdir/AURORA-1/state').slice(heardBefore);
    const child = spawn(fdir, ['run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    daemon = child;
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    await until('the installed daemon', () => {
      if (child.exitCode !== null) throw new Error(told);
      return words().includes('passive');
    });
    const left = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await left).toBe(0);
    expect(words().at(-1)).toBe('offline');
  };
  /** The example, with a broker and a log of this test. */
  const configure = (example: string, model: string): string => {
    const text = readFileSync(example, 'utf8')
      .replace(/^model: .*$/m, `model: ${model}`)
      .replace(/^mqtt: .*$/m, `mqtt: { url: ${broker.url}, clientId: package-test }`)
      .replace(/^console: .*$/m, 'console: { port: 0 }')
      .replace(/^log: .*$/m, `log: { path: ${join(folder, 'explanations.db')} }`);
    writeFileSync(example, text);
    return example;
  };

  test('are no larger than promised', () => {
    expect(made.unpackedMiB).toBeLessThanOrEqual(MAX_MIB);
  });

  test('the bill of materials, the notices and what is in the tarball name the same packages', () => {
    const read = (file: string): string => readFileSync(file, 'utf8');
    const components = (file: string) =>
      (JSON.parse(read(file)) as { components: { group?: string; name: string; version: string }[] }).components.map(
        ({ group, name, version }) => `${group === undefined ? name : `${group}/${name}`} ${version}`,
      );
    const named = components(made.tarball.billOfMaterials);
    expect(components(made.debian.billOfMaterials)).toEqual(named);
    expect(named).toHaveLength(made.packages);
    const unpack = join(folder, 'notices');
    mkdirSync(unpack);
    execFileSync('tar', ['-xzf', made.tarball.file, '-C', unpack, '--strip-components=1']);
    const notices = read(join(unpack, 'THIRD-PARTY-NOTICES'));
    expect(named.filter((name) => !notices.includes(`\n${name} (`))).toEqual([]);
    // What lies in the tarball, found without the list: folders of packages, and names that the page and the bundle must hold.
    const inside = readdirSync(join(unpack, 'node_modules'));
    const known = [...inside, 'mqtt', 'fastify', 'rxjs', 'pino', 'zod', 'aedes', 'preact', 'uplot'];
    expect(known.filter((name) => !named.some((one) => one.startsWith(`${name} `)))).toEqual([]);
  });

  test('the tarball unpacks to a program that demonstrates and runs', async () => {
    execFileSync('tar', ['-xzf', made.tarball.file, '-C', folder]);
    const program = join(folder, `peephole-fdir-${VERSION}-${made.target}`);
    const fdir = join(program, 'cli.js');
    const demo = spawnSync(fdir, ['demo'], { encoding: 'utf8', cwd: folder });
    expect(demo.status).toBe(0);
    expect(demo.stdout).toContain('5 of 5 faults found');
    await runs(fdir, configure(join(program, 'rules/fdir.yaml'), '../models/rw-cae'));
  }, 120_000);

  test('the Debian package installs program, units, configuration and documentation; it runs, and leaves nothing', async () => {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true });
    mkdirSync(join(root, 'var/lib/dpkg/updates'));
    writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    // Into a system of its own, which lacks the C library that the package depends on.
    const dpkg = (...args: string[]) =>
      execFileSync(
        'dpkg',
        [
          `--root=${root}`,
          '--force-not-root',
          '--force-script-chrootless',
          '--force-depends',
          '--log=/dev/null',
          ...args,
        ],
        { encoding: 'utf8', stdio: 'pipe' },
      );
    dpkg('--install', made.debian.file);
    const listed = dpkg('--listfiles', 'peephole-fdir').split('\n');
    expect(listed).toEqual(
      expect.arrayContaining([
        '/etc/fdir/fdir.yaml',
        '/etc/fdir/mission.yaml',
        '/usr/bin/fdir',
        '/usr/lib/systemd/system/fdir.service',
        '/usr/lib/systemd/system/fdir-worker@.service',
        '/usr/lib/systemd/system/fdir@.service',
        '/usr/share/doc/peephole-fdir/README.md',
        '/usr/share/doc/peephole-fdir/rules/README.md',
        '/usr/share/doc/peephole-fdir/systemd/README.md',
        '/usr/share/doc/peephole-fdir/copyright',
        '/usr/share/man/man1/fdir.1.gz',
        '/usr/share/bash-completion/completions/fdir',
        '/usr/share/zsh/vendor-completions/_fdir',
        '/usr/share/fish/vendor_completions.d/fdir.fish',
      ]),
    );
    const copyright = readFileSync(join(root, 'usr/share/doc/peephole-fdir/copyright'), 'utf8');
    expect(copyright).toContain('Apache License');
    expect(copyright).toMatch(/^mqtt [\d.]+ \(MIT\)$/m);
    const config = join(root, 'etc/fdir/fdir.yaml');
    expect(readFileSync(config, 'utf8')).toContain('\nmodel: /usr/lib/peephole-fdir/models/rw-cae\n');
    expect(readFileSync(config, 'utf8')).toContain('\nmode: passive\n');
    await runs(join(root, 'usr/bin/fdir'), configure(config, join(root, 'usr/lib/peephole-fdir/models/rw-cae')));
    dpkg('--purge', 'peephole-fdir');
    expect(readdirSync(root)).toEqual(['var']);
  }, 120_000);
});
