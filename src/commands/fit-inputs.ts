/** What `fdir fit` reads and writes: recordings with their hashes, and the files of a package. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inTimeOrder } from '../adapters/passes/pass-order';
import { loadPass } from '../adapters/passes/pass-reader';
import { describeError, FdirError } from '../domain/errors';
import type { Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';
import type { Telecommand } from '../domain/telecommand';
import type { RecordedPass } from '../fit/fit-request';
import { note } from './output';
import { writing } from './output-file';
import { tellRecording } from './tell-recording';

/** @throws FdirError `input` that names the file. */
export const readBytes = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}`, [{ file, message: describeError(error) }]);
  }
};

export const readRecording = async (
  file: string,
  mission: Mission,
  telecommands: readonly Telecommand[],
): Promise<RecordedPass> => {
  const sha256 = createHash('sha256').update(readBytes(file)).digest('hex');
  const pass = await loadPass(file, mission, telecommands);
  tellRecording(file, pass);
  return { file: basename(file), sha256, assembled: pass.assembled };
};

/** Nominal recordings in the order of their times: parts that are held back are cut along it. */
export const readNominal = async (
  files: readonly string[],
  mission: Mission,
  telecommands: readonly Telecommand[],
): Promise<readonly RecordedPass[]> => {
  const ordered = await inTimeOrder(files, mission);
  if (ordered.isChanged) note(`the recordings are read in the order of their times: ${ordered.files.join(', ')}`);
  return Promise.all(ordered.files.map((file) => readRecording(file, mission, telecommands)));
};

/** @throws FdirError `runtime` for what the file system refuses. */
export const writePackage = (
  out: string,
  { model, detector, manifest }: { model: Uint8Array; detector: Uint8Array | undefined; manifest: Manifest },
): void => {
  writing(out, () => {
    writeFileSync(join(out, 'model.onnx'), model);
    if (detector !== undefined) writeFileSync(join(out, 'detector.onnx'), detector);
    writeFileSync(join(out, 'model.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  });
};
