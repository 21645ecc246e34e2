/** `fdir fit --adapt`: a package for another spacecraft of the type, from few nominal hours. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createOnnxScorer } from '../adapters/model/onnx-scorer';
import { openSession } from '../adapters/model/onnx-session';
import { readTelecommands } from '../adapters/passes/commands-reader';
import { loadModelPackage } from '../config/load-manifest';
import { loadMission } from '../config/load-mission';
import { FdirError } from '../domain/errors';
import { adaptPackage, type AdaptedPackage } from '../fit/adapt/adapt-package';
import { readBytes, readNominal, writePackage } from './fit-inputs';
import { describePrediction, describeWarnings } from './fit-text';
import { nameModel } from './name-model';
import { note, writeJson } from './output';
import { prepareFolder } from './output-file';
import { createProgress } from './progress';

export interface AdaptOptions {
  readonly mission: string;
  readonly nominal: readonly string[];
  readonly out: string;
  /** The package folder that is taken over. */
  readonly adapt: string;
  readonly commands?: string | undefined;
  readonly json: boolean;
}

/** Every offset and scale that is not the package's, a line each, and what the threshold became. */
export const describeAdapted = ({ manifest, shift, raised, taken }: AdaptedPackage): string[] => {
  const { adapted, parameters, scaling, calibration } = manifest;
  if (adapted === undefined) return [];
  const rows = parameters.flatMap((id, row) => {
    const off = (shift.mean[row] ?? 0) - (shift.fitted[row] ?? 0);
    const gain = shift.gain[row] ?? 1;
    const sigma = Math.abs(off) / (scaling.std[row] ?? 1);
    if (off === 0 && gain === 1) return [];
    const scale = gain === 1 ? '' : `, scale ${(1 / gain).toPrecision(3)} of the package's`;
    return [`${id}: offset ${off.toPrecision(3)} (${sigma.toFixed(2)} nominal deviations)${scale}`];
  });
  return [
    `taken from the hours: ${taken}${taken === 'nothing' ? ', for they are least surprising to the package as it is' : ''}`,
    ...rows,
    `threshold ${calibration.threshold.toFixed(2)}${raised > 0 ? `, ${raised.toFixed(2)} decades above the package's` : ", the package's"}`,
    `not yet judged: telemetry up to ${adapted.judgesFrom}, on which the package was adapted`,
  ];
};

/** @throws FdirError `model` when the package is not one of this mission, `input` when the hours are too few. */
export const fitAdapted = async ({ mission: file, nominal, out, adapt, ...more }: AdaptOptions): Promise<void> => {
  if (resolve(adapt) === resolve(out))
    throw new FdirError('usage', `--out ${out} is the package that is adapted: name another folder`);
  const mission = loadMission(file);
  const pack = loadModelPackage(adapt, mission);
  const telecommands = more.commands === undefined ? [] : await readTelecommands(more.commands);
  const takeBack = prepareFolder(out);
  const progress = createProgress();
  const detector = join(adapt, 'detector.onnx');
  const made = await readNominal(nominal, mission, telecommands)
    .then((recorded) =>
      adaptPackage({
        id: basename(out),
        mission,
        nominal: recorded,
        from: {
          manifest: pack.manifest,
          model: pack.readGraph(),
          detector: existsSync(detector) ? readBytes(detector) : undefined,
        },
        openGraph: (bytes) => openSession(bytes, { threads: 1 }),
        openScorer: (manifest, model) => createOnnxScorer({ folder: out, manifest, readGraph: () => model }),
        report: progress.report,
      }),
    )
    .catch((error: unknown) => {
      takeBack();
      throw error;
    });
  progress.end();
  writePackage(out, made);
  nameModel(file, out);
  const { manifest, raised } = made;
  if (more.json) {
    writeJson({
      out,
      sha256: manifest.sha256,
      adapted: manifest.adapted,
      thresholds: manifest.calibration.budgets,
      raised,
    });
    describeWarnings(manifest).forEach(note);
    return;
  }
  note(`wrote ${out}: ${pack.manifest.id} of ${pack.manifest.spacecraft}, adapted to ${manifest.spacecraft}`);
  for (const line of [...describeAdapted(made), ...describePrediction(manifest)]) note(`  ${line}`);
  describeWarnings(manifest).forEach(note);
};
