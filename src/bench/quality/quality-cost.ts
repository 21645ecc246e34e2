/**
 * What explanations cost: package against bare detector in turns, same session options, one thread, medians; through the runtime alone, fetching
 * what the daemon fetches. And what a fit of a large recording takes.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchedTensors } from '../../adapters/model/onnx-scorer';
import { openSession } from '../../adapters/model/onnx-session';
import { median } from '../../core/metrics/events';
import { runRows } from '../../core/graph-session';
import { GRAPH, manifestSchema } from '../../domain/manifest';
import { heading, percent, print, ROOT, row, type Quality } from './quality-support';

const MISSION = join(ROOT, 'rules/mission.yaml');
const CLI = join(__dirname, '../../cli.js');
const ROUNDS = { 1: 3000, 64: 300 } as const;
const WARM_UP = 100;

/** The time that a tenth of the runs keep within: those that nothing else on the machine disturbed. */
const fastestTenth = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 10)] ?? NaN;

const timesOf = async (folder: string, batch: 1 | 64) => {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')));
  const open = async (name: string) => openSession(readFileSync(join(folder, name)));
  const [whole, bare] = [await open('model.onnx'), await open('detector.onnx')];
  const { window } = manifest.golden;
  const data = Float32Array.from({ length: batch * window.length }, (_, i) => window[i % window.length] ?? 0);
  const tensor = { data, dims: [batch, manifest.parameters.length, manifest.sampling.window] };
  const size = { n: batch, parameters: manifest.parameters.length, frames: manifest.sampling.window };
  const fetched = fetchedTensors(manifest);
  const [wholeMs, bareMs]: [number[], number[]] = [[], []];
  for (let i = 0; i < WARM_UP + ROUNDS[batch]; i += 1) {
    // The one that comes second finds the caches as the first left them: they take turns at that too.
    for (const isWhole of i % 2 === 0 ? [true, false] : [false, true]) {
      const began = performance.now();
      await (isWhole ? runRows(whole, data, size, fetched) : bare.run(GRAPH.window, tensor));
      const took = performance.now() - began;
      if (i >= WARM_UP) (isWhole ? wholeMs : bareMs).push(took);
    }
  }
  await whole.close();
  await bare.close();
  return {
    whole: median(wholeMs) ?? NaN,
    bare: median(bareMs) ?? NaN,
    calm: fastestTenth(wholeMs) / fastestTenth(bareMs) - 1,
  };
};

/** The wheels' mission with the fault classes that every mission has. */
const writePlainMission = ({ at }: Quality): string => {
  const text = readFileSync(MISSION, 'utf8');
  const [from, to] = [text.indexOf('\nfaults:'), text.indexOf('\nparameters:')];
  writeFileSync(at('plain.yaml'), `${text.slice(0, from)}${text.slice(to)}`);
  return at('plain.yaml');
};

/** Processor time, of which a busy machine takes nothing away, and peak memory of a fit on 100,000 frames x 16 parameters. */
export const qualityFit = (quality: Quality): void => {
  const [mission, pass] = [writePlainMission(quality), quality.at('long.csv')];
  quality.fdir('simulate', '--mission', MISSION, '--out', pass, '--duration', '400000s', '--seed', '110');
  const preload = quality.at('peak.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => {
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      process.stderr.write('\\ntook ' + (userCPUTime + systemCPUTime) + ' peak ' + maxRSS + '\\n');
    });`,
  );
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--require', preload, CLI, 'fit', '--mission', mission, '--nominal', pass, '--out', quality.at('long')],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`the fit failed: ${stderr.slice(-400)}`);
  const [, took = NaN, peak = NaN] = /took (\d+) peak (\d+)/.exec(stderr) ?? [];
  print(
    `\n\`fdir fit --detector pca\` on 100,000 frames x 16 parameters: ${(Number(took) / 1e6).toFixed(0)} s of processor time, peak memory ${(Number(peak) / 1024).toFixed(0)} MiB`,
  );
};

export const qualityCost = async (quality: Quality): Promise<void> => {
  const [mission, pass, pca] = [writePlainMission(quality), quality.at('cost.csv'), quality.at('pca')];
  quality.fdir('simulate', '--mission', MISSION, '--out', pass, '--duration', '12h', '--seed', '110');
  quality.fdir('fit', '--mission', mission, '--nominal', pass, '--out', pca, '--cases', '300');
  heading(
    'Cost of the explanation through the runtime, in turns with the bare detector, medians, one thread',
    'package',
    'batch',
    'detector, ms a window',
    'package, ms a window',
    'overhead',
    'overhead, ms a window',
    'overhead of the fastest tenth of the runs',
  );
  for (const [name, folder] of [
    ['rw-cae', join(ROOT, 'models/rw-cae')],
    ['pca', pca],
  ] as const)
    for (const batch of [1, 64] as const) {
      const { whole, bare, calm } = await timesOf(folder, batch);
      row(
        name,
        String(batch),
        (bare / batch).toFixed(4),
        (whole / batch).toFixed(4),
        percent(whole / bare - 1),
        ((whole - bare) / batch).toFixed(4),
        percent(calm),
      );
    }
};
