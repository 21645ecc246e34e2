/** Reads certificates in PEM form. */
import { readFileSync } from 'node:fs';
import { describeError, FdirError } from '../domain/errors';

/** Certificates are a few kilobytes; a bundle of all public authorities is a quarter of a megabyte. */
const MAX_PEM_BYTES = 1024 * 1024;

/**
 * @param what the key of the configuration that names the file.
 * @throws FdirError `config` when it cannot be read, or holds no certificate.
 */
export const readPem = (file: string, what: string): string => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FdirError('config', `cannot read ${what} ${file}: ${describeError(error)}`);
  }
  if (text.length > MAX_PEM_BYTES || !text.includes('-----BEGIN CERTIFICATE-----'))
    throw new FdirError('config', `${what} ${file} holds no certificate in PEM form`);
  return text;
};
