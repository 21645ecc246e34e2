/** What the house rules ask for, measured over the whole project. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { measureComments } from './comments';
import { measureSentences } from './sentences';
import {
  MAX_FILE_LINES,
  MAX_FUNCTION_LINES,
  MAX_PARAMETERS,
  measureSource,
  type SourceFinding,
  type SourceFigures,
} from './source-figures';

export const MAX_SENTENCE_WORDS = 30;
/** What comments aim at. */
export const MAX_COMMENT_WORDS = 25;
/** Documents whose sentences are counted; the first two are the ones that everybody reads. */
export const MEASURED_DOCUMENTS = [
  'README.md',
  'src/ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'models/README.md',
  'rules/README.md',
  'rules/BRING-YOUR-OWN.md',
  'rules/GLOSSARY.md',
  'systemd/README.md',
  'systemd/OUTAGES.md',
  'systemd/NOTIFY.md',
  'systemd/SHIFT.md',
  'systemd/fleet.md',
  'systemd/mosquitto/README.md',
  'telemetry-fixtures/README.md',
  'src/bench/campaign/README.md',
  'src/console/README.md',
  'src/console/page/README.md',
  'src/openmct/README.md',
  'src/packets/README.md',
  'containers/README.md',
  'models/rw-cae/training/README.md',
  'rules/ims-bearings/README.md',
] as const;

export interface Measure {
  readonly limit: number;
  /** The largest one; undefined when there is none. */
  readonly largest: SourceFinding | undefined;
  /** Those above the limit, the largest first. */
  readonly above: readonly SourceFinding[];
}

export interface HouseFigures {
  readonly functionLines: Measure;
  readonly fileLines: Measure;
  readonly parameters: Measure;
  /** Words of the sentences of comments. */
  readonly commentWords: Measure;
  /** By document. */
  readonly sentenceWords: Readonly<Record<string, Measure>>;
}

const measure = (findings: readonly SourceFinding[], limit: number): Measure => {
  const sorted = [...findings].sort((a, b) => b.count - a.count);
  return { limit, largest: sorted[0], above: sorted.filter(({ count }) => count > limit) };
};

/** @param root of the project. */
export const measureHouse = (root: string): HouseFigures => {
  const source = join(root, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(source, path), 'utf8') }));
  const figures = files.map(({ path, text }) => measureSource(path, text));
  const every = (pick: (one: SourceFigures) => readonly SourceFinding[]): readonly SourceFinding[] =>
    figures.flatMap(pick);
  return {
    functionLines: measure(
      every(({ functions }) => functions),
      MAX_FUNCTION_LINES,
    ),
    fileLines: measure(
      every(({ file }) => [file]),
      MAX_FILE_LINES,
    ),
    parameters: measure(
      every(({ parameters }) => parameters),
      MAX_PARAMETERS,
    ),
    commentWords: measure(
      files.flatMap(({ path, text }) => measureComments(path, text)),
      MAX_COMMENT_WORDS,
    ),
    sentenceWords: Object.fromEntries(
      MEASURED_DOCUMENTS.map((path) => [
        path,
        measure(measureSentences(readFileSync(join(root, path), 'utf8')), MAX_SENTENCE_WORDS),
      ]),
    ),
  };
};
