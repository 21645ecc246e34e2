import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { makeAuthority, isOpensslInstalled, type Authority } from '../support/certificates';
import { runCli, startCli, type Running } from '../support/cli';
import { freePort } from '../support/free-port';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { T0, tinyPass, tinyValues } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const EXAMPLES = join(__dirname, '../../systemd/mosquitto');
/** Mosquitto gives up root for a user that cannot read a test's folder. */
const STAY_ROOT = process.getuid?.() === 0 ? 'user root\n' : '';
const PASSWORDS = {
  fdir: 'daemon-Secret-1',
  spacecraft: 'craft-Secret-2',
  operator: 'person-Secret-3',
  viewer: 'eye-Secret-4',
};
type User = keyof typeof PASSWORDS;

const describeWithTls = (title: string, body: () => void): void => {
  if (isOpensslInstalled) describeWithBroker(title, body);
  else describe.skip(`${title} (skipped: openssl is not installed)`, body);
};

const frame = (index: number, change: Record<string, number> = {}): string =>
  JSON.stringify({ time: new Date(T0 + index * 1000).toISOString(), values: tinyValues(index, change) });

describeWithTls('a broker that lets nobody in but friends', () => {
  let work: Workspace;
  let authority: Authority;
  let stranger: Authority;
  const open: { stop(): Promise<unknown> }[] = [];
  const keep = <T extends { stop(): Promise<unknown> }>(part: T): T => {
    open.push(part);
    return part;
  };

  beforeAll(async () => {
    work = await makeWorkspace();
    authority = makeAuthority(work.folder, 'own');
    stranger = makeAuthority(work.folder, 'stranger');
    const passwords = work.write(
      'passwords',
      Object.entries(PASSWORDS).map(([user, password]) => `${user}:${password}`),
    );
    execFileSync('mosquitto_passwd', ['-U', passwords], { stdio: 'pipe' });
    chmodSync(passwords, 0o600);
    work.write('acl', readFileSync(join(EXAMPLES, 'acl'), 'utf8').replaceAll('AURORA-1', 'TINY-1'));
    for (const [user, password] of Object.entries(PASSWORDS)) {
      chmodSync(work.write(`${user}.secret`, `${password}\n`), 0o600);
    }
    chmodSync(work.write('wrong.secret', 'not-the-Secret\n'), 0o600);
  });
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.stop();
  });
  afterAll(() => {
    work.remove();
  });

  /** The example configuration with this test's folder and port in place of the system's. */
  const startExample = async (
    own: { readonly cert: string; readonly key: string },
    isMutual = false,
    onPort?: number,
  ): Promise<Broker> =>
    keep(
      await startBroker(onPort, (port) => {
        const text = readFileSync(join(EXAMPLES, 'mosquitto.conf'), 'utf8')
          .replace('listener 8883', `listener ${String(port)} 127.0.0.1`)
          .replace('/etc/mosquitto/fdir/ca.pem', authority.ca)
          .replace('/etc/mosquitto/fdir/broker.pem', own.cert)
          .replace('/etc/mosquitto/fdir/broker.key', own.key)
          .replaceAll('/etc/mosquitto/fdir', work.folder)
          .replace('/var/lib/mosquitto/', `${work.folder}/`)
          .replace('persistence true', 'persistence false');
        return (
          STAY_ROOT +
          (isMutual
            ? text.replace(/^#(require_certificate|use_identity)/gm, '$1').replace(/^password_file.*$/m, '')
            : text)
        );
      }),
    );

  const configure = (name: string, mqtt: Record<string, unknown>): string =>
    work.write(
      name,
      `mission: mission.yaml\nmodel: model\nrules: [rules.yaml]\nmode: active\nconsole: false\nlog: { path: ${name}.db }\nmqtt: ${JSON.stringify(mqtt)}\n`,
    );
  // A test may start two of them, and a log has one writer.
  let daemons = 0;
  const start = (mqtt: Record<string, unknown>): Running =>
    keep(startCli(['run', '--config', configure(`daemon-${String((daemons += 1))}.yaml`, mqtt)]));
  const secured = (port: number, user: User = 'fdir') => ({
    url: `mqtts://localhost:${String(port)}`,
    tls: { ca: authority.ca },
    username: user,
    password: { file: `${user}.secret` },
  });
  const isUp = (daemon: Running) =>
    until('the connection', () => daemon.stderr().includes('connected to the broker'), 20_000);
  const complains = (daemon: Running, words: string) =>
    until(
      `"${words}"`,
      () => {
        const lines = daemon
          .stderr()
          .split('\n')
          .filter((line) => line.includes(words));
        return lines.length > 0 && lines.every((line) => line.includes('trying again'));
      },
      20_000,
    );

  const client = async (port: number, options: IClientOptions): Promise<MqttClient> => {
    const made = await connectAsync(`mqtts://localhost:${String(port)}`, {
      ca: readFileSync(authority.ca, 'utf8'),
      protocolVersion: 5,
      reconnectPeriod: 0,
      ...options,
    });
    keep({ stop: () => made.endAsync(true) });
    return made;
  };
  const named = (port: number, user: User): Promise<MqttClient> =>
    client(port, { username: user, password: PASSWORDS[user] });

  test('with its authority, user and password the daemon is in; commands take the same way', async () => {
    const broker = await startExample(authority.issue('broker'));
    const daemon = start(secured(broker.port));
    await isUp(daemon);
    const config = configure('operator.yaml', secured(broker.port, 'operator'));
    await until('the state', async () => (await runCli(['status', '--config', config])).status === 0, 30_000);
    const reload = await runCli(['reload', '--config', config, '--by', 'ann']);
    expect({ ...reload, stderr: '' }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 rules are loaded') as string,
    });
    const pass = work.write('pass.csv', tinyPass(8));
    const craft = configure('craft.yaml', secured(broker.port, 'spacecraft'));
    const sent = await runCli(['replay', pass, '--config', craft, '--mqtt', '--json']);
    expect({ status: sent.status, sent: JSON.parse(sent.stdout) as unknown }).toEqual({
      status: 0,
      sent: { type: 'published', frames: 8 },
    });
  });

  test('with a certificate of its own in place of a password', async () => {
    const broker = await startExample(authority.issue('broker'), true);
    const own = authority.issue('fdir');
    await isUp(
      start({
        url: `mqtts://localhost:${String(broker.port)}`,
        tls: { ca: authority.ca, cert: own.cert, key: { file: own.key }, minVersion: 'TLSv1.3' },
      }),
    );
  });

  test('certificates and a password that were replaced are used without a restart; a reload refuses unfit ones', async () => {
    const first = await startExample(authority.issue('broker'));
    chmodSync(work.write('rotated.secret', `${PASSWORDS.fdir}\n`), 0o600);
    copyFileSync(authority.ca, join(work.folder, 'trusted.pem'));
    const daemon = start({
      ...secured(first.port),
      tls: { ca: 'trusted.pem' },
      password: { file: 'rotated.secret' },
    });
    await isUp(daemon);
    const config = configure('operator.yaml', secured(first.port, 'operator'));
    work.write('rotated.secret', '');
    const refused = await runCli(['reload', '--config', config, '--by', 'ann']);
    expect({ status: refused.status, told: /rotated\.secret/.test(refused.stdout + refused.stderr) }).toEqual({
      status: 1,
      told: true,
    });
    // Another authority, and another password of the same user.
    work.write('rotated.secret', 'daemon-Secret-9\n');
    copyFileSync(stranger.ca, join(work.folder, 'trusted.pem'));
    const passwords = work.path('passwords');
    const before = readFileSync(passwords, 'utf8');
    execFileSync('mosquitto_passwd', ['-b', passwords, 'fdir', 'daemon-Secret-9'], { stdio: 'pipe' });
    await first.stop();
    open.splice(open.indexOf(first), 1);
    await startExample(stranger.issue('broker'), false, first.port);
    const connections = () => daemon.stderr().split('connected to the broker').length - 1;
    await until('the connection to the other broker', () => connections() === 2, 30_000);
    writeFileSync(passwords, before);
    expect(daemon.stderr()).not.toContain('Secret-9');
  });

  test('a certificate for another name is taken when that name is expected', async () => {
    const broker = await startExample(authority.issue('elsewhere', { hosts: 'DNS:broker.example' }));
    const { tls, ...rest } = secured(broker.port);
    await isUp(start({ ...rest, tls: { ...tls, serverName: 'broker.example' } }));
  });

  test('no client certificate, and one of a stranger: told, and tried again', async () => {
    const broker = await startExample(authority.issue('broker'), true);
    const url = `mqtts://localhost:${String(broker.port)}`;
    await complains(start({ url, tls: { ca: authority.ca } }), 'it wants a certificate of ours');
    const foreign = stranger.issue('fdir');
    await complains(
      start({ url, tls: { ca: authority.ca, cert: foreign.cert, key: { file: foreign.key } } }),
      'authority of our certificate',
    );
  });

  test.each([
    [
      'of an authority that is not trusted',
      () => stranger.issue('broker'),
      'an authority that is not trusted: check mqtt.tls.ca',
    ],
    ['that has expired', () => authority.issue('expired', { isExpired: true }), 'its certificate has expired'],
    [
      'for another host',
      () => authority.issue('other', { hosts: 'DNS:other.example' }),
      'its certificate is for another host',
    ],
  ])("a broker's certificate %s: told, and tried again", async (_what, issue, words) => {
    const broker = await startExample(issue());
    const daemon = start(secured(broker.port));
    await complains(daemon, words);
    await until('a second attempt', () => daemon.stderr().split(words).length > 2, 20_000);
    expect(daemon.stderr()).not.toContain('connected to the broker');
  });

  test('a wrong password: told, and tried again; the right one in the file is no secret of the log', async () => {
    const broker = await startExample(authority.issue('broker'));
    const daemon = start({ ...secured(broker.port), password: { file: 'wrong.secret' } });
    await complains(daemon, 'check mqtt.username');
    await until('a second attempt', () => daemon.stderr().split('check mqtt.username').length > 2, 20_000);
    expect(daemon.stderr()).not.toContain('not-the-Secret');
  });

  test('TLS where plain text is spoken, and plain text where TLS is: told, and tried again', async () => {
    const plain = keep(await startBroker());
    const url = plain.url.replace('mqtt:', 'mqtts:');
    await complains(start({ url, tls: { ca: authority.ca } }), 'check the port, or use mqtt://');
    const broker = await startExample(authority.issue('broker'));
    await complains(start({ url: broker.url }), 'where it speaks TLS, use mqtts://');
  });

  test('nobody else can inject telemetry, modes, acknowledgements, requests or answers', async () => {
    const broker = await startExample(authority.issue('broker'));
    const daemon = start(secured(broker.port));
    await isUp(daemon);
    const viewer = await named(broker.port, 'viewer');
    const operator = await named(broker.port, 'operator');
    const craft = await named(broker.port, 'spacecraft');
    const transitions: string[] = [];
    viewer.on('message', (topic, payload) => {
      if (topic === 'fdir/TINY-1/check')
        transitions.push((JSON.parse(payload.toString()) as { parameter: string }).parameter);
    });
    await viewer.subscribeAsync('fdir/TINY-1/#', { qos: 1 });
    let sent = 0;
    const sendUntil = (count: number, change: Record<string, number>): Promise<unknown> =>
      until('the transition', async () => {
        await craft.publishAsync('fdir/TINY-1/tm', frame((sent += 1), change), { qos: 1 });
        return transitions.length >= count;
      });
    // Telemetry of the one who may send it arrives.
    await sendUntil(1, { rw0_speed: 60 });

    const forbidden: readonly [MqttClient, string, string][] = [
      ...[viewer, operator].flatMap((who): [MqttClient, string, string][] => [
        [who, 'fdir/TINY-1/tm', frame(sent + 1, { rw1_speed: 60 })],
        [who, 'fdir/TINY-1/tm/rw1_speed', '60'],
        [who, 'fdir/TINY-1/mode', '{"time":"2026-03-01T00:00:00Z","mode":"safe"}'],
        [who, 'fdir/TINY-1/action/x/ack', '{"stage":"completed"}'],
        [who, 'fdir/TINY-1/action', '{}'],
        [who, 'fdir/TINY-1/state', 'online'],
      ]),
      [viewer, 'fdir/TINY-1/request/reload', '{"by":"mallory"}'],
      [craft, 'fdir/TINY-1/request/reload', '{"by":"mallory"}'],
      [craft, 'fdir/TINY-1/anomaly', '{}'],
      [operator, 'fdir/TINY-1/response/reload', '{"ok":true}'],
    ];
    for (const [who, topic, payload] of forbidden) {
      const refusal = await who.publishAsync(topic, payload, { qos: 1 }).then(
        () => 'taken',
        (error: unknown) => (error as { code?: unknown }).code,
      );
      expect([topic, refusal]).toEqual([topic, 135]);
    }
    for (const options of [{}, { username: 'fdir', password: 'guess' }, { username: 'nobody', password: 'x' }]) {
      await expect(client(broker.port, options)).rejects.toThrow(/[Nn]ot authorized/);
    }

    // What is let in last shows that nothing came before: only the parameter whose values the spacecraft sent has changed.
    await sendUntil(2, {});
    expect(transitions).toEqual(['rw0_speed', 'rw0_speed']);
    const { stderr } = await daemon.stop();
    const stopped = stderr.split('\n').find((line) => line.includes('"msg":"stopped"')) ?? '{}';
    expect(JSON.parse(stopped)).toMatchObject({ summary: { dropped: {} } });
    expect(stderr).not.toContain('mallory');
    for (const secret of Object.values(PASSWORDS)) expect(stderr).not.toContain(secret);
  });

  test('who may ask cannot have the answer said where the spacecraft listens', async () => {
    const broker = await startExample(authority.issue('broker'));
    await isUp(start(secured(broker.port)));
    const operator = await named(broker.port, 'operator');
    const viewer = await named(broker.port, 'viewer');
    const heard: string[] = [];
    viewer.on('message', (topic) => heard.push(topic));
    await viewer.subscribeAsync('fdir/TINY-1/#', { qos: 1 });
    await until('an answer', async () => {
      await operator.publishAsync('fdir/TINY-1/request/alarm-list', '{}', {
        qos: 1,
        properties: { responseTopic: 'fdir/TINY-1/action' },
      });
      return heard.includes('fdir/TINY-1/response/alarm-list');
    });
    expect(heard).not.toContain('fdir/TINY-1/action');
  });

  test('who may not ask is told so', async () => {
    const broker = await startExample(authority.issue('broker'));
    await isUp(start(secured(broker.port)));
    const config = configure('viewer.yaml', secured(broker.port, 'viewer'));
    const { status, stderr } = await runCli(['reload', '--config', config]);
    expect({ status, told: /does not let|not authori[sz]ed/i.test(stderr) }).toEqual({ status: 3, told: true });
  });
});

describe('credentials where they do not belong', () => {
  let work: Workspace;
  beforeAll(async () => {
    work = await makeWorkspace();
    chmodSync(work.write('open.secret', 'hunter2\n'), 0o644);
    chmodSync(work.write('closed.secret', 'hunter2\n'), 0o600);
  });
  afterAll(() => {
    work.remove();
  });

  test.each([
    [
      'a password in the URL',
      '{ url: "mqtt://ann:hunter2@127.0.0.1:1883" }',
      'set mqtt.username, and mqtt.password to { file: PATH }',
    ],
    ['a password written down', '{ url: "mqtt://127.0.0.1", username: ann, password: hunter2 }', 'put it into a file'],
    [
      'a password without a name',
      '{ url: "mqtt://127.0.0.1", password: { file: closed.secret } }',
      'belongs to a username',
    ],
    [
      'a password in the clear',
      '{ url: "mqtt://broker.example", username: ann, password: { file: closed.secret } }',
      'in the clear',
    ],
    [
      'a password others can read',
      '{ url: "mqtt://127.0.0.1", username: ann, password: { file: open.secret } }',
      'chmod 600',
    ],
    [
      'a password file that is not there',
      '{ url: "mqtt://127.0.0.1", username: ann, password: { file: no.secret } }',
      'cannot read the secret',
    ],
    [
      'a credential of no unit',
      '{ url: "mqtt://127.0.0.1", username: ann, password: { credential: mqtt } }',
      'LoadCredential=',
    ],
    ['TLS settings without TLS', '{ url: "mqtt://127.0.0.1", tls: { ca: ca.pem } }', 'use mqtts://'],
    ['a certificate without its key', '{ url: "mqtts://127.0.0.1", tls: { cert: c.pem } }', 'belong together'],
    ['an authority that is not there', '{ url: "mqtts://127.0.0.1", tls: { ca: ca.pem } }', 'cannot read mqtt.tls.ca'],
    ['an old TLS', '{ url: "mqtts://127.0.0.1", tls: { minVersion: TLSv1 } }', 'mqtt.tls.minVersion'],
  ])('%s is refused with what to do', async (_what, mqtt, words) => {
    const config = work.write('wrong.yaml', `mission: mission.yaml\nconsole: false\nmqtt: ${mqtt}\n`);
    for (const verb of ['run', 'check']) {
      const { status, stdout, stderr } = await runCli([verb, '--config', config]);
      expect({ verb, status, stdout }).toEqual({ verb, status: 2, stdout: '' });
      expect(stderr).toContain(words);
      expect(stderr).not.toContain('hunter2');
    }
  });

  test('a password on the command line', async () => {
    const url = `mqtt://ann:hunter2@127.0.0.1:${String(await freePort())}`;
    const pass = work.write('pass.csv', tinyPass(2));
    const { status, stderr } = await runCli(['replay', pass, '--config', work.path('limits.yaml'), '--mqtt', url]);
    expect(status).toBe(2);
    expect(stderr).toContain('must not carry a user name or a password');
    expect(stderr).not.toContain('hunter2');
  });
});
