/** A daemon with every secret it can have, used in every way: none of them is in anything it says or writes. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { runCli, startCli, type Finished } from '../support/cli';
import { freePort } from '../support/free-port';
import { describeWithBroker, startBroker } from '../support/mosquitto';
import { offsetOnWheel1, tinyPass } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const STAY_ROOT = process.getuid?.() === 0 ? 'user root\n' : '';
const SECRETS = {
  password: 'broker-password-7Qx2Lm',
  wrong: 'another-password-9Zk4Ty',
  token: 'console-token-3f9a1c77d2e84b56',
  chain: 'chain-key-0123456789abcdef0123456789abcdef',
};

/** Every file under a folder but those that hold the secrets. */
const written = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && !file.endsWith('.secret') && !file.endsWith('passwords'));

describeWithBroker('secrets', () => {
  let work: Workspace;
  beforeAll(async () => {
    work = await makeWorkspace();
    for (const [name, secret] of Object.entries(SECRETS)) chmodSync(work.write(`${name}.secret`, `${secret}\n`), 0o600);
    const passwords = work.write('passwords', [`fdir:${SECRETS.password}`, 'admin:everything']);
    execFileSync('mosquitto_passwd', ['-U', passwords], { stdio: 'pipe' });
    chmodSync(passwords, 0o600);
  });
  afterAll(() => {
    work.remove();
  });

  test('are in no output, no log, no file, no message and no answer', async () => {
    const broker = await startBroker(
      undefined,
      (port) =>
        `${STAY_ROOT}listener ${String(port)} 127.0.0.1\nallow_anonymous false\npassword_file ${work.path('passwords')}\n`,
    );
    const [consolePort, metricsPort] = [await freePort(), await freePort()];
    const configure = (name: string, password: string): string =>
      work.write(
        name,
        `mission: mission.yaml\nmodel: model\nrules: [rules.yaml]\nmode: active\n` +
          `mqtt: { url: ${broker.url}, clientId: ${name}, username: fdir, password: { file: ${password}.secret } }\n` +
          `log: { path: ${name}.db, key: { file: chain.secret } }\nmetrics: { port: ${String(metricsPort)} }\n` +
          `console: { port: ${String(consolePort)}, tokens: [{ name: ann, file: token.secret }] }\n`,
      );
    const config = configure('daemon.yaml', 'password');
    const refusedConfig = configure('refused.yaml', 'wrong');
    const heard: string[] = [];
    const said: Finished[] = [];
    const run = async (...args: string[]): Promise<Finished> => {
      const finished = await runCli(args);
      said.push(finished);
      return finished;
    };
    const admin = await connectAsync(broker.url, { username: 'admin', password: 'everything', protocolVersion: 5 });
    admin.on('message', (topic, payload, packet) =>
      heard.push(topic, payload.toString(), JSON.stringify(packet.properties ?? {})),
    );
    await admin.subscribeAsync(['#', '$SYS/#'], { qos: 1 });

    // A password that the broker refuses.
    const refused = startCli(['run', '--config', refusedConfig, '--log-level', 'trace']);
    await until('the refusal', () => refused.stderr().includes('check mqtt.username'), 30_000);
    said.push(await refused.stop());

    const daemon = startCli(['run', '--config', config, '--log-level', 'trace']);
    await until('the daemon', () => heard.includes('online'), 30_000);
    const pass = work.write('pass.csv', tinyPass(60, offsetOnWheel1));
    expect((await run('replay', pass, '--config', config, '--mqtt')).status).toBe(0);
    await until('an anomaly', () => heard.includes('fdir/TINY-1/anomaly'), 30_000);
    await run('reload', '--config', config, '--by', 'ann');
    await run('status', '--config', config, '--json');
    await run('check', '--config', config, '--json');
    await run('log', 'list', '--config', config, '--json');
    await run('log', 'verify', '--config', config, '--json');
    // A reload that fails tells what is wrong with a file, and not what is in it.
    chmodSync(work.path('rules.yaml'), 0o600);
    work.write('rules.yaml', 'eventActions: [');
    await run('reload', '--config', config, '--by', 'ann');

    const bodies: string[] = [];
    const base = `http://127.0.0.1:${String(consolePort)}`;
    for (const [path, token] of [
      ['/api/v1/overview', SECRETS.token],
      ['/api/v1/overview', SECRETS.wrong],
      ['/api/v1/overview', ''],
      ['/api/v1/openapi.json', SECRETS.token],
      ['/api/v1/model', SECRETS.token],
      ['/api/v1/rules', SECRETS.token],
      ['/api/v1/config', SECRETS.token],
    ] as const) {
      const answer = await fetch(`${base}${path}`, { headers: { Authorization: `Bearer ${token}` } });
      bodies.push(await answer.text(), JSON.stringify([...answer.headers]));
    }
    bodies.push(await (await fetch(`http://127.0.0.1:${String(metricsPort)}/metrics`)).text());
    said.push(await daemon.stop());
    await admin.endAsync(true);
    await broker.stop();

    const outputs: readonly (readonly [string, string])[] = [
      ...said.flatMap(({ stdout, stderr }): [string, string][] => [
        ['stdout', stdout],
        ['stderr', stderr],
      ]),
      ['messages', heard.join('\n')],
      ['answers over HTTP', bodies.join('\n')],
      ...written(work.folder).map((file): [string, string] => [file, readFileSync(file, 'latin1')]),
    ];
    // What is looked through is not empty.
    expect(outputs.map(([, text]) => text).join('')).toContain('rw1');
    expect(outputs.some(([name]) => name.endsWith('daemon.yaml.db'))).toBe(true);
    const leaks = outputs.flatMap(([name, text]) =>
      Object.entries(SECRETS)
        .filter(([, secret]) =>
          [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')].some((form) =>
            text.includes(form),
          ),
        )
        .map(([secret]) => `${secret} in ${name}`),
    );
    expect(leaks).toEqual([]);
  });
});
