import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { openPackets } from '../../src/adapters/packets/definition-file';
import { loadConfig } from '../../src/config/load-config';
import { runCli, startCli, type Running } from '../support/cli';
import { listen, type Listener } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { PUS_XTCE, pusMission } from '../support/pus-bus';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const SIGNED = ['mission.yaml', 'rules.yaml', 'model'] as const;

const sign = async (work: Workspace, names: readonly string[], key = 'keys/fdir-signing.key') => {
  const { status, stderr } = await runCli(['sign', ...names.map((name) => work.path(name)), '--key', work.path(key)]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
};

/** Signed once; every test spoils a copy. */
let template: Workspace;
beforeAll(async () => {
  template = await makeWorkspace();
  for (const folder of ['keys', 'other']) await runCli(['sign', 'keygen', '--out', template.path(folder)]);
  await sign(template, SIGNED);
  const config = readFileSync(template.path('fdir.yaml'), 'utf8');
  template.write('signed.yaml', `${config}console: false\nrequireSignature: { trust: [keys/fdir-signing.pub] }\n`);
});
afterAll(() => {
  template.remove();
});

const prepare = async (): Promise<Workspace> => {
  const work = await makeWorkspace();
  cpSync(template.folder, work.folder, { recursive: true });
  return work;
};

describe('signatures', () => {
  let work: Workspace;
  beforeEach(async () => {
    work = await prepare();
  });
  afterEach(() => {
    work.remove();
  });
  const check = (config = 'signed.yaml') => runCli(['check', '--config', work.path(config)]);

  test('what was signed is taken, and verified one by one', async () => {
    expect((await check()).status).toBe(0);
    const verified = await runCli([
      'sign',
      'verify',
      ...SIGNED.map((name) => work.path(name)),
      '--trust',
      work.path('keys/fdir-signing.pub'),
      '--json',
    ]);
    expect(verified.status).toBe(0);
    expect((JSON.parse(verified.stdout) as { verified: { ok: boolean }[] }).verified.map(({ ok }) => ok)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('the files that a mission of packets names are wanted signed as well, and each is judged again as it is read', async () => {
    const files = ['bus-mission.yaml', 'bus.xml', 'leap.list'] as const;
    const mission = pusMission('BUS-1').replace('  pus: {}', '  pus: {}\n  leapSeconds: leap.list');
    work.write('bus-mission.yaml', mission);
    work.write('bus.xml', PUS_XTCE);
    work.write('leap.list', '3692217600 37\n');
    work.write('bus.yaml', 'mission: bus-mission.yaml\nrequireSignature: { trust: [keys/fdir-signing.pub] }\n');
    await sign(work, files.slice(0, 1));
    const unsigned = await check('bus.yaml');
    expect([unsigned.status, unsigned.stderr.match(/the signature of \S+ does not exist/g)]).toEqual([
      2,
      ['the signature of bus.xml does not exist', 'the signature of leap.list does not exist'],
    ]);
    await sign(work, files.slice(1));
    expect((await check('bus.yaml')).status).toBe(0);
    const loaded = loadConfig(work.path('bus.yaml'));
    const { packets } = loaded.mission;
    if (packets === undefined) throw new Error('the mission has packets');
    expect(openPackets(packets, loaded.readPacketFile).refused).toEqual([]);
    for (const name of files.slice(1)) {
      const whole = readFileSync(work.path(name));
      appendFileSync(work.path(name), '\n');
      expect(() => openPackets(packets, loaded.readPacketFile)).toThrow(/was altered after it was signed/);
      const altered = await check('bus.yaml');
      expect([altered.status, altered.stderr]).toEqual([2, expect.stringContaining(`${name}: was altered`)]);
      const started = await runCli(['run', '--config', work.path('bus.yaml')]);
      expect([started.status, started.stderr]).toEqual([2, expect.stringContaining('was altered after it was signed')]);
      writeFileSync(work.path(name), whole);
    }
  });

  test.each([
    [
      'no signature of the mission',
      'mission.yaml.sig',
      (w: Workspace) => {
        rmSync(w.path('mission.yaml.sig'));
      },
      'does not exist: fdir sign',
    ],
    [
      'no signature of the rules',
      'rules.yaml.sig',
      (w: Workspace) => {
        rmSync(w.path('rules.yaml.sig'));
      },
      'does not exist: fdir sign',
    ],
    [
      'no signature of the model',
      'model.sig',
      (w: Workspace) => {
        rmSync(w.path('model.sig'));
      },
      'does not exist: fdir sign',
    ],
    [
      'an altered mission',
      'mission.yaml',
      (w: Workspace) => {
        appendFileSync(w.path('mission.yaml'), '# \n');
      },
      'was altered after it was signed',
    ],
    [
      'an altered rule',
      'rules.yaml',
      (w: Workspace) => {
        appendFileSync(w.path('rules.yaml'), '# \n');
      },
      'was altered after it was signed',
    ],
    [
      'an altered manifest',
      'model/model.json',
      (w: Workspace) => {
        appendFileSync(w.path('model/model.json'), ' ');
      },
      'was altered after it was signed',
    ],
    [
      'a file that was added to the model',
      'model/extra',
      (w: Workspace) => {
        writeFileSync(w.path('model/extra'), '');
      },
      'was never signed',
    ],
    [
      'a file of the model that is gone',
      'model/model.onnx',
      (w: Workspace) => {
        rmSync(w.path('model/model.onnx'));
      },
      'was signed and is not there',
    ],
    [
      'a link in the model',
      'model/link',
      (w: Workspace) => {
        symlinkSync('/etc/hostname', w.path('model/link'));
      },
      'cannot be signed',
    ],
    [
      'rules in the place of the mission, both signed',
      'mission.yaml',
      (w: Workspace) => {
        copyFileSync(w.path('rules.yaml'), w.path('mission.yaml'));
        copyFileSync(w.path('rules.yaml.sig'), w.path('mission.yaml.sig'));
      },
      'one was put in the place of the other',
    ],
    [
      'a signature that was edited',
      'rules.yaml.sig',
      (w: Workspace) => {
        const envelope = JSON.parse(readFileSync(w.path('rules.yaml.sig'), 'utf8')) as { payload: string };
        const payload = Buffer.from(envelope.payload, 'base64').toString().replace('rules.yaml', 'Rules.yaml');
        writeFileSync(
          w.path('rules.yaml.sig'),
          JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }),
        );
      },
      'it was altered',
    ],
    [
      'a private key as trusted',
      'fdir-signing.pub',
      (w: Workspace) => {
        copyFileSync(w.path('keys/fdir-signing.key'), w.path('keys/fdir-signing.pub'));
      },
      'is a private key',
    ],
  ])('%s: refused', async (_what, named, tamper, words) => {
    tamper(work);
    const { status, stderr } = await check();
    expect(status).toBe(2);
    expect(stderr).toContain(named);
    expect(stderr).toContain(words);
  });

  test('the daemon does not start either', async () => {
    appendFileSync(work.path('rules.yaml'), '# \n');
    expect((await runCli(['run', '--config', work.path('signed.yaml')])).status).toBe(2);
  });

  test("a stranger's signature is refused, and taken once that key is trusted too", async () => {
    await sign(work, ['rules.yaml'], 'other/fdir-signing.key');
    const { status, stderr } = await check();
    expect({ status, told: stderr.includes('which is not trusted') }).toEqual({ status: 2, told: true });
    const both = readFileSync(work.path('signed.yaml'), 'utf8').replace('.pub]', '.pub, other/fdir-signing.pub]');
    work.write('both.yaml', both);
    expect((await check('both.yaml')).status).toBe(0);
  });

  test('an old version that was signed once is kept out by notBefore', async () => {
    const text = readFileSync(work.path('signed.yaml'), 'utf8').replace(
      '.pub]',
      '.pub], notBefore: 2999-01-01T00:00:00Z',
    );
    work.write('later.yaml', text);
    const { status, stderr } = await check('later.yaml');
    expect({ status, told: stderr.includes('none before 2999-01-01') }).toEqual({ status: 2, told: true });
  });

  test('a key is never overwritten, and one that others can read does not sign', async () => {
    expect((await runCli(['sign', 'keygen', '--out', work.path('keys')])).status).toBe(2);
    writeFileSync(work.path('loose.key'), readFileSync(work.path('keys/fdir-signing.key')), { mode: 0o644 });
    const { status, stderr } = await runCli(['sign', work.path('rules.yaml'), '--key', work.path('loose.key')]);
    expect({ status, told: stderr.includes('chmod 600') }).toEqual({ status: 2, told: true });
  });
});

describeWithBroker('a running daemon that wants signatures', () => {
  let work: Workspace;
  let broker: Broker;
  let listener: Listener;
  let daemon: Running;
  beforeEach(async () => {
    work = await prepare();
    broker = await startBroker();
    listener = await listen(broker.url);
    appendFileSync(work.path('signed.yaml'), `mqtt: { url: ${broker.url} }\nlog: { path: signed.db }\n`);
    daemon = startCli(['run', '--config', work.path('signed.yaml')]);
    await until('the daemon', () => listener.on('fdir/TINY-1/state').at(-1) === 'online');
  });
  afterEach(async () => {
    await daemon.stop();
    await listener.close();
    await broker.stop();
    work.remove();
  });
  const reload = () => runCli(['reload', '--config', work.path('signed.yaml'), '--by', 'ann']);

  test('refuses altered rules on reload and goes on with the old; takes them once they are signed', async () => {
    appendFileSync(work.path('rules.yaml'), '# changed\n');
    const refused = await reload();
    expect(refused).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('was altered after it was signed') as string,
    });
    expect(refused.stdout).toContain('the rules stay as they were');
    await sign(work, ['rules.yaml']);
    expect(await reload()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 rules are loaded') as string,
    });
    const refusal = daemon
      .stderr()
      .split('\n')
      .find((line) => line.includes('was altered after it was signed'));
    expect(JSON.parse(refusal ?? '{}')).toMatchObject({ level: 50, by: 'ann' });
  });

  test('a configuration that wants no signatures any more is refused while it runs', async () => {
    const text = readFileSync(work.path('signed.yaml'), 'utf8');
    work.write('signed.yaml', text.replace(/^requireSignature.*$/m, ''));
    renameSync(work.path('rules.yaml.sig'), work.path('gone'));
    expect(await reload()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('would not be required any more') as string,
    });
  });
});
