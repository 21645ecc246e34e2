import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { judgeEnvelope, keyIdOf, signFiles, type TrustedKey } from '../../src/config/signature';
import { signedFilesSchema, type SignedFiles } from '../../src/domain/signature';

const pair = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const trust = (key: KeyObject): TrustedKey => ({ id: keyIdOf(key), key });
const files: SignedFiles = {
  schemaVersion: 1,
  name: 'rw-cae',
  kind: 'folder',
  signedAt: '2026-03-01T00:00:00.000Z',
  files: [{ path: 'model.json', sha256: 'a'.repeat(64), bytes: 3 }],
};
const envelope = signFiles(files, pair.privateKey);
const text = JSON.stringify(envelope);

test('what a trusted key signed is read back, whichever of several keys it was', () => {
  const trusted = [trust(other.publicKey), trust(pair.publicKey)];
  expect(judgeEnvelope(text, trusted)).toEqual({ ok: true, files, keyId: keyIdOf(pair.publicKey) });
});

test('a key that is not trusted is named', () => {
  expect(judgeEnvelope(text, [trust(other.publicKey)])).toMatchObject({
    ok: false,
    reason: expect.stringContaining(`key ${keyIdOf(pair.publicKey)}, which is not trusted`) as string,
  });
});

test("a signature under the name of a trusted key is still a stranger's", () => {
  const [signature] = signFiles(files, other.privateKey).signatures;
  const forged = { ...envelope, signatures: [{ keyid: keyIdOf(pair.publicKey), sig: signature?.sig }] };
  expect(judgeEnvelope(JSON.stringify(forged), [trust(pair.publicKey)])).toMatchObject({
    ok: false,
    reason: expect.stringContaining('was altered') as string,
  });
});

test('no change of one character leaves a signature good with another content', () => {
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      const judged = judgeEnvelope(text.slice(0, at) + character + text.slice(at + 1), [trust(pair.publicKey)]);
      if (judged.ok) expect(judged.files).toEqual(files);
    }),
    { numRuns: 500 },
  );
});

test.each(['', '{', 'null', '[]', '{"payload":1}', '"'.repeat(100), '['.repeat(100_000)])(
  'no envelope: %p',
  (garbage) => {
    expect(judgeEnvelope(garbage, [trust(pair.publicKey)])).toEqual({
      ok: false,
      reason: 'is no signature of this program',
    });
  },
);

test.each(['../x', '/etc/passwd', 'a/../b', './a', 'a//b', 'a/', 'a\\b', '..', '', 'a\0b'])(
  'the path %p is refused',
  (path) => {
    expect(signedFilesSchema.safeParse({ ...files, files: [{ path, sha256: 'a'.repeat(64), bytes: 0 }] }).success).toBe(
      false,
    );
  },
);
test.each(['model.json', 'training/train.py', '.hidden', 'a..b', '...'])('the path %p is taken', (path) => {
  expect(signedFilesSchema.safeParse({ ...files, files: [{ path, sha256: 'a'.repeat(64), bytes: 0 }] }).success).toBe(
    true,
  );
});
