/** Reads a foreign detector for `fdir fit`. */
import { readWeights } from '../adapters/model/weight-file';
import { withWeights } from '../fit/onnx/external-weights';
import { decodeModel } from '../fit/onnx/read-model';
import { readBytes } from './fit-inputs';

/** A foreign model with all of its weights, those in files beside it included. @throws FdirError `input` or `model`. */
export const readForeignDetector = (file: string): Uint8Array => {
  const bytes = readBytes(file);
  return withWeights(bytes, decodeModel(bytes, file), file, (place) => readWeights(file, place));
};
