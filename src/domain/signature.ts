/**
 * A detached signature: a DSSE envelope (secure-systems-lab/dsse, v1) around a list of files with their hashes. It lies beside
 * what it is about: `rw-cae.sig` for the folder `rw-cae`, `mission.yaml.sig` for the file.
 */
import { z } from 'zod';

export const PAYLOAD_TYPE = 'application/vnd.peephole-fdir.files+json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Relative, of plain parts: nothing that could lead out of the folder, or mean another file on another system. */
const relativePath = z
  .string()
  .max(500)
  .regex(/^(?!.*(^|\/)\.{0,2}(\/|$))[^\\\0]+$/, 'must be a relative path without "." and ".."');

/** Packages have a dozen files. */
export const MAX_SIGNED_FILES = 1000;

export const signedFilesSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Name of the file or folder, so that one signed file cannot stand in for another. */
  name: z.string().min(1).max(255),
  kind: z.enum(['file', 'folder']),
  /** When it was signed; says which of two is the newer. */
  signedAt: z.iso.datetime(),
  files: z
    .array(z.strictObject({ path: relativePath, sha256, bytes: z.int().min(0) }))
    .min(1)
    .max(MAX_SIGNED_FILES),
});
export type SignedFiles = z.infer<typeof signedFilesSchema>;

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

export const envelopeSchema = z.strictObject({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: base64,
  signatures: z
    .array(z.strictObject({ keyid: z.string().max(100), sig: base64.max(200) }))
    .min(1)
    .max(10),
});
export type Envelope = z.infer<typeof envelopeSchema>;
