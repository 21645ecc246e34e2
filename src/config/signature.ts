/** Ed25519 signatures over lists of files: making and judging them. Protocol: DSSE v1, whose pre-authentication encoding binds the type. */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { FdirError } from '../domain/errors';
import { envelopeSchema, PAYLOAD_TYPE, signedFilesSchema, type Envelope, type SignedFiles } from '../domain/signature';

/** A public key that is trusted, and what it is called: the first 16 hex digits of its SPKI's SHA-256. */
export interface TrustedKey {
  readonly id: string;
  readonly key: KeyObject;
}

export const keyIdOf = (key: KeyObject): string => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
};

/** @throws FdirError `config` when it is no Ed25519 key. */
export const asEd25519 = (make: () => KeyObject, file: string): KeyObject => {
  let key: KeyObject;
  try {
    key = make();
  } catch {
    throw new FdirError('config', `${file} holds no key in PEM form`);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new FdirError('config', `${file} is no Ed25519 key, but ${String(key.asymmetricKeyType)}`);
  return key;
};

/** DSSE's PAE: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body. */
const encoded = (payload: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${String(PAYLOAD_TYPE.length)} ${PAYLOAD_TYPE} ${String(payload.length)} `),
    payload,
  ]);

export const signFiles = (files: SignedFiles, privateKey: KeyObject): Envelope => {
  const payload = Buffer.from(JSON.stringify(files));
  const sig = sign(null, encoded(payload), privateKey).toString('base64');
  return {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyIdOf(privateKey), sig }],
  };
};

const parse = (text: string): Envelope | undefined => {
  try {
    return envelopeSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export type Judgement =
  | { readonly ok: true; readonly files: SignedFiles; readonly keyId: string }
  | { readonly ok: false; readonly reason: string };

/** Whether one of the trusted keys made this envelope. What it says is read only when one has. */
export const judgeEnvelope = (text: string, trusted: readonly TrustedKey[]): Judgement => {
  const envelope = parse(text);
  if (envelope === undefined) return { ok: false, reason: 'is no signature of this program' };
  const payload = Buffer.from(envelope.payload, 'base64');
  const signedBy = trusted.find(({ id, key }) =>
    envelope.signatures.some(
      // The identifier only chooses; the key decides.
      ({ keyid, sig }) => keyid === id && verify(null, encoded(payload), key, Buffer.from(sig, 'base64')),
    ),
  );
  if (signedBy === undefined) {
    const names = envelope.signatures.map(({ keyid }) => keyid).join(', ');
    const isKnown = envelope.signatures.some(({ keyid }) => trusted.some(({ id }) => id === keyid));
    return {
      ok: false,
      reason: isKnown
        ? `does not bear out: it was altered, or key ${names} did not make it`
        : `is by key ${names}, which is not trusted (trusted: ${trusted.map(({ id }) => id).join(', ')})`,
    };
  }
  try {
    return { ok: true, files: signedFilesSchema.parse(JSON.parse(payload.toString('utf8'))), keyId: signedBy.id };
  } catch {
    return { ok: false, reason: 'is good, but what it signs cannot be read: it may be of another version' };
  }
};
