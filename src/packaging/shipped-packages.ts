/** The packages of others that we ship, each with its licence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FdirError } from '../domain/errors';

export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as its package.json gives it. */
  readonly licence: string;
  /** The licence in full, and what its NOTICE file says. */
  readonly text: string;
  /** How scanners know what is no package of npm; left out of those that are. */
  readonly known?: { readonly purl: string; readonly cpe: string };
}

/** Vite takes a short file named `license` for the text; nothing this short is one. */
const MIN_TEXT_LENGTH = 200;

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`;

const ONNX_RUNTIME = `Copyright (c) Microsoft Corporation

${MIT}

The shared library of ONNX Runtime contains works of others. Their notices are in its source repository, in the file
ThirdPartyNotices.txt of the release with the version above: https://github.com/microsoft/onnxruntime`;

/** Packages whose published files hold no licence text. Each author is the one that its package.json or repository names. */
const TEXTS: Readonly<Record<string, string>> = {
  'abstract-logging': `Copyright (c) James Sumners\n\n${MIT}`,
  'onnxruntime-common': ONNX_RUNTIME,
  'onnxruntime-node': ONNX_RUNTIME,
  // Both have it in their README.
  'pg-types': `The MIT License (MIT)\n\nCopyright (c) 2014 Brian M. Carlson\n\n${MIT}`,
  pgpass: `Copyright (c) 2013-2016 Hannes Hörl\n\n${MIT}`,
  // Its repository names two holders, those of saxes and those of sax, and the author of one function under MIT.
  saxes: [
    `Copyright (c) Contributors\nCopyright (c) Isaac Z. Schlueter and Contributors\n\n${ISC}`,
    `String.fromCodePoint: Copyright Mathias Bynens <https://mathiasbynens.be/>\n\n${MIT}`,
  ].join('\n\n'),
};

/** @throws FdirError `runtime` when a package comes without a licence: nothing may be shipped then. */
const shipped = ({ name, version, identifier, text = '' }: z.infer<typeof entry>): ShippedPackage => {
  const full = text.length >= MIN_TEXT_LENGTH ? text : TEXTS[name];
  if (full === undefined || identifier === undefined) {
    throw new FdirError(
      'runtime',
      `${name} ${version} has no ${full === undefined ? 'licence text' : 'licence name'}: add it in src/packaging/shipped-packages.ts, or do not ship the package`,
    );
  }
  return { name, version, licence: identifier, text: full };
};

const entry = z.object({
  name: z.string(),
  version: z.string(),
  identifier: z.string().optional(),
  text: z.string().optional(),
});

/** Reads the list that Vite writes beside a bundle. @throws FdirError when a package has no licence text. */
export const parseBundled = (document: unknown): readonly ShippedPackage[] =>
  z.array(entry).parse(document).map(shipped);

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

/** A package that lies in a folder, as `npm ci` laid it. @throws FdirError when it has no licence text. */
export const packageInFolder = (folder: string): ShippedPackage => {
  const { name, version, license } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return shipped({ name, version, identifier: license, text });
};

const SQLITE_BLESSING = `The author disclaims copyright to this source code. In place of a legal notice, here is a blessing:

May you do good and not evil.
May you find forgiveness for yourself and forgive others.
May you share freely, never taking more than you give.`;

/**
 * SQLite, which is compiled into the addon of better-sqlite3.
 * @param header text of its `sqlite3.h`. @throws FdirError `runtime` when it names no version.
 */
export const sqliteOf = (header: string): ShippedPackage => {
  const version = /^#define SQLITE_VERSION\s+"([\d.]+)"/m.exec(header)?.[1];
  if (version === undefined)
    throw new FdirError(
      'runtime',
      'sqlite3.h of better-sqlite3 names no SQLITE_VERSION: mend src/packaging/natives.ts',
    );
  return {
    ...{ name: 'sqlite', version, licence: 'blessing', text: SQLITE_BLESSING },
    known: {
      purl: `pkg:generic/sqlite@${version}`,
      cpe: `cpe:2.3:a:sqlite:sqlite:${version}:*:*:*:*:*:*:*`,
    },
  };
};

/** One list in the order of names and versions, without repeats. */
export const mergePackages = (...lists: readonly (readonly ShippedPackage[])[]): readonly ShippedPackage[] => {
  const key = ({ name, version }: ShippedPackage): string => `${name}@${version}`;
  const byKey = new Map(lists.flat().map((one) => [key(one), one]));
  return [...byKey.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};
