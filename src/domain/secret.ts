/** Where a secret is found: never in the configuration itself. */
import { z } from 'zod';

/** A name as systemd takes for `LoadCredential=`: no path. */
export const credentialName = z.string().regex(/^[A-Za-z0-9_.-]{1,255}$/, 'must be the name of a systemd credential');

/** A path, relative to the file that names it. */
export const secretFile = z.string().min(1);

/** `{ file: PATH }` or `{ credential: NAME }`, of `$CREDENTIALS_DIRECTORY`. */
export const secretSource = z.union([
  z.strictObject({ file: secretFile }),
  z.strictObject({ credential: credentialName }),
]);
export type SecretSource = z.infer<typeof secretSource>;

/** What it is called in messages. */
export const secretName = (source: SecretSource): string => ('file' in source ? source.file : source.credential);
