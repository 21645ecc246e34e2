/** Every reader of a file that others made, on files that are nearly right and on bytes that are nothing: read, or refused by its name. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readBrokerAccess } from '../../src/adapters/mqtt/broker-access';
import { readChainKey } from '../../src/adapters/log/chain-key';
import { readLabels } from '../../src/adapters/passes/label-reader';
import { readModes } from '../../src/adapters/passes/modes-reader';
import { loadPass } from '../../src/adapters/passes/pass-reader';
import { readPassText } from '../../src/adapters/passes/pass-text';
import { readSecret } from '../../src/adapters/secret-file';
import { readSigningKey } from '../../src/adapters/host/signing-key';
import { surveyFile } from '../../src/adapters/passes/survey-reader';
import { readTrustedKeys, signaturePath, signedReader, verifySigned } from '../../src/config/signed-files';
import { keyIdOf, signFiles } from '../../src/config/signature';
import { listFiles } from '../../src/config/signed-files';
import { readConsoleTokens } from '../../src/compose/console';
import { loadConfig } from '../../src/config/load-config';
import { SurveyCounter } from '../../src/core/onboarding/survey';
import { FdirError } from '../../src/domain/errors';
import { floatsOf, readDetector } from '../../src/fit/onnx/read-model';
import { damagedText, refusesAtMost, refusesAtMostLater } from '../support/mutations';
import { tinyMission, tinyPass, TINY_MISSION_YAML } from '../support/tiny-mission';

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-files-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Damaged a little, or anything at all. */
const contents = (source: string): fc.Arbitrary<string | Uint8Array> =>
  fc.oneof(
    { weight: 3, arbitrary: damagedText(source) as fc.Arbitrary<string | Uint8Array> },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.constantFrom('', '\n', '\u0000', 'x'.repeat(5000), '\ufeff') },
  );
/** A refusal names the file. */
const named = (file: string, read: () => unknown) => () => {
  try {
    return read();
  } catch (error) {
    if (error instanceof FdirError) expect(JSON.stringify([error.message, error.problems])).toContain(file);
    throw error;
  }
};
/** @param told what a refusal names: the file, unless it is known by another name. */
const eachFile = (
  name: string,
  source: string,
  numRuns: number,
  read: (file: string) => unknown,
  told = name,
): void => {
  const file = path(name);
  writeFileSync(file, source, { mode: 0o600 });
  fc.assert(
    fc.property(contents(source), (content) => {
      writeFileSync(file, content);
      refusesAtMost(
        named(told, () => read(file)),
        ['config', 'usage', 'input'],
      );
    }),
    { numRuns },
  );
};
const eachFileLater = async (
  name: string,
  source: string,
  numRuns: number,
  read: (file: string) => Promise<unknown>,
): Promise<void> => {
  const file = path(name);
  await fc.assert(
    fc.asyncProperty(contents(source), async (content) => {
      writeFileSync(file, content);
      await refusesAtMostLater(async () => {
        try {
          await read(file);
        } catch (error) {
          if (error instanceof FdirError) expect(JSON.stringify([error.message, error.problems])).toContain(name);
          throw error;
        }
      }, ['input']);
    }),
    { numRuns },
  );
};

const pass = tinyPass(8).join('\n');
const mission = tinyMission();
const frames =
  '{"time":1772323200,"values":{"rw0_speed":1}}\n{"time":1772323201,"values":{"rw0_speed":2,"rw1_speed":3}}\n';

test.each([
  ['CSV', 'pass.csv', pass],
  ['NDJSON', 'pass.ndjson', frames],
])(
  'a recording as %s, for the daemon, for injection, and of a mission that is not known yet',
  async (_what, name, source) => {
    await eachFileLater(name, source, 150, async (file) => {
      const { frames: read } = await loadPass(file, mission);
      for (const { values } of read) expect(values).toHaveLength(mission.parameters.length);
    });
    await eachFileLater(name, source, 150, async (file) => {
      const { columns } = await surveyFile(file, new SurveyCounter());
      for (const column of columns) expect(column).toMatch(/^[A-Za-z][\w.-]*$/);
    });
    await eachFileLater(name, source, 150, (file) =>
      readPassText(file, { known: new Set(mission.parameters.map(({ id }) => id)) }),
    );
  },
);

test('labels and modes beside a recording', async () => {
  await eachFileLater(
    'labels.csv',
    'start,end,equipment,fault\n1772323200,1772323300,rw1,offset\n',
    150,
    async (file) => {
      for (const { start, end } of await readLabels(file)) expect(start).toBeLessThanOrEqual(end);
    },
  );
  await eachFileLater('modes.csv', 'time,mode\n1772323200,SAFE\n', 150, async (file) => {
    for (const { mode } of await readModes(file)) expect(mode).not.toBe('');
  });
});

test('a secret, a key of the log, and tokens of the console: a text, or a refusal that does not tell it', () => {
  eachFile('secret', '0123456789abcdef0123456789abcdef', 200, (file) => {
    const secret = readSecret({ file }, { baseDir: '/' });
    expect(secret.length).toBeGreaterThan(0);
  });
  eachFile('chain.key', '0123456789abcdef0123456789abcdef', 200, (file) =>
    expect(readChainKey({ file }, '/')?.length).toBeGreaterThanOrEqual(32),
  );
  writeFileSync(path('mission.yaml'), TINY_MISSION_YAML);
  writeFileSync(
    path('tokens.yaml'),
    'mission: mission.yaml\nconsole: { port: 1, tokens: [{ name: ann, file: ann.token }] }\n',
  );
  const loaded = loadConfig(path('tokens.yaml'));
  eachFile(
    'ann.token',
    'ann-0123456789abcdef',
    200,
    () => {
      for (const { token } of readConsoleTokens(loaded)) expect(token).toMatch(/^[\x21-\x7e]+$/);
    },
    'ann',
  );
});

const pair = generateKeyPairSync('ed25519');
const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

test('keys that sign and keys that are trusted: Ed25519, or refused', () => {
  eachFile('signing.key', privatePem, 300, (file) => expect(readSigningKey(file).asymmetricKeyType).toBe('ed25519'));
  eachFile('trusted.pub', publicPem, 300, (file) => {
    for (const { key } of readTrustedKeys([file]))
      expect([key.type, key.asymmetricKeyType]).toEqual(['public', 'ed25519']);
  });
});

test('a signed folder and its signature, either of them altered: refused, or the bytes that were signed', () => {
  mkdirSync(path('package'));
  writeFileSync(path('package/model.json'), '{"id":"x"}');
  const signed = { schemaVersion: 1 as const, signedAt: '2026-03-01T00:00:00.000Z', ...listFiles(path('package')) };
  const seal = JSON.stringify(signFiles(signed, pair.privateKey));
  const policy = { trusted: [{ id: keyIdOf(pair.publicKey), key: pair.publicKey }] };
  const read = (): unknown => {
    verifySigned(path('package'), policy);
    expect(signedReader(path('package'), policy)(path('package/model.json'), 1000).toString()).toBe('{"id":"x"}');
    return undefined;
  };
  writeFileSync(signaturePath(path('package')), seal);
  read();
  const file = fc.constantFrom('package/model.json', 'package.sig', 'package/more');
  fc.assert(
    fc.property(file, fc.oneof(contents(seal), contents('{"id":"x"}')), (name, content) => {
      writeFileSync(path('package/model.json'), '{"id":"x"}');
      writeFileSync(path('package.sig'), seal);
      rmSync(path('package/more'), { force: true });
      writeFileSync(path(name), content);
      refusesAtMost(named('package', read), ['config']);
    }),
    { numRuns: 300 },
  );
});

test('certificates for the broker: what TLS can use, or a refusal that names the key of the configuration', () => {
  // A certificate that nobody trusts is one all the same; made by nobody here, its text is enough to be damaged.
  const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.alloc(400, 7).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const access = (tls: { ca?: string; cert?: string; key?: { file: string } }): unknown =>
    readBrokerAccess(
      { url: 'mqtts://x', baseTopic: 'fdir', tls: { minVersion: 'TLSv1.2', ...tls } },
      { baseDir: folder },
    );
  eachFile('ca.pem', pem, 150, () => access({ ca: 'ca.pem' }));
  writeFileSync(path('own.key'), privatePem, { mode: 0o600 });
  eachFile('own.pem', pem, 150, () => access({ cert: 'own.pem', key: { file: 'own.key' } }));
  writeFileSync(path('own.pem'), pem);
  chmodSync(path('own.key'), 0o600);
  eachFile('own.key', privatePem, 150, () => access({ cert: 'own.pem', key: { file: 'own.key' } }));
});

test('a foreign detector: its graph, or why it is none', () => {
  const detector = readFileSync(join(__dirname, '../support/foreign-detectors/sequence-opset14.onnx'));
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.nat(detector.length).map((end) => Uint8Array.from(detector.subarray(0, end))),
    fc.array(fc.tuple(fc.nat(detector.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
      const bytes = Uint8Array.from(detector);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      refusesAtMost(
        named('detector.onnx', () => {
          const { initializers } = readDetector(bytes, 'detector.onnx');
          for (const tensor of initializers) refusesAtMost(() => floatsOf(tensor), ['model']);
        }),
        ['model'],
      );
    }),
    { numRuns: 500 },
  );
});
