/** What readers make of anything at all: a page of the log asked for with any cursor, a signature file of any content, any kept state. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import { judgeEnvelope, keyIdOf, signFiles } from '../../src/config/signature';
import { readLogFilter } from '../../src/core/log-filter';
import { anchorOf } from '../../src/core/response/mission-time';
import { FdirError } from '../../src/domain/errors';
import type { SignedFiles } from '../../src/domain/signature';
import { openAnomaly } from '../support/open-anomaly';
import { T0 } from '../support/tiny-mission';

const SEED = Number(process.env['FDIR_SEED'] ?? 20_261_125);
const COUNT = 12;
const anything = fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' }));

describe(`anything at all (seed ${String(SEED)})`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-readers-'));
    const log = openLog(join(folder, 'log.db'), T0);
    for (let index = 0; index < COUNT; index += 1)
      log.commit([{ type: 'anomaly', ...openAnomaly({ id: `a${String(index)}`, start: T0 + index * 1000 }) }], []);
    log.close();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const sorts = fc.constantFrom('start' as const, 'score' as const);
  const orders = fc.constantFrom('asc' as const, 'desc' as const);

  test('as a cursor is refused as one, or begins a page; the cursors of a list lead through all of it once', () => {
    const log = readLog(join(folder, 'log.db'));
    const cursors = fc.oneof(
      anything,
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.array(fc.oneof(fc.integer(), fc.double(), fc.string()), { maxLength: 4 }).map((items) => {
        return Buffer.from(JSON.stringify(items)).toString('base64url');
      }),
    );
    fc.assert(
      fc.property(cursors, sorts, orders, fc.integer({ min: 1, max: 5 }), (cursor, sort, order, limit) => {
        try {
          expect(log.list({}, { sort, order, limit, cursor }).items.length).toBeLessThanOrEqual(limit);
        } catch (error) {
          expect({ is: error instanceof FdirError, code: (error as FdirError).code }).toEqual({
            is: true,
            code: 'usage',
          });
        }
        const ids: string[] = [];
        for (let next: string | null | undefined; next !== null;) {
          const page = log.list({}, { sort, order, limit, ...(next !== undefined && { cursor: next }) });
          ids.push(...page.items.map(({ id }) => id));
          next = page.next;
        }
        expect(ids.length).toBe(COUNT);
        expect(new Set(ids).size).toBe(COUNT);
      }),
      { seed: SEED, numRuns: 300 },
    );
    log.close();
  });

  test('as a filter is read as one or refused with its name', () => {
    const names = ['since', 'until', 'equipment', 'fault', 'state', 'text', 'minScore', '__proto__', 'constructor'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.anything(), { maxKeys: 4 }), (given) => {
        try {
          for (const value of Object.values(readLogFilter(given, T0)))
            expect(['string', 'number', 'boolean', 'object']).toContain(typeof value);
        } catch (error) {
          expect(error).toBeInstanceOf(FdirError);
        }
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const trusted = [{ id: keyIdOf(publicKey), key: publicKey }];

  test('as a signature file is none', () => {
    const envelope = fc.record(
      {
        payloadType: fc.oneof(fc.constant('application/vnd.fdir.files+json'), fc.string()),
        payload: fc.oneof(fc.base64String(), fc.string(), fc.anything()),
        signatures: fc.oneof(
          fc.array(
            fc.record({ keyid: fc.oneof(fc.constant(keyIdOf(publicKey)), fc.string()), sig: fc.base64String() }),
          ),
          fc.anything(),
        ),
      },
      { requiredKeys: [] },
    );
    const texts = fc.oneof(
      anything,
      envelope.map((value) => JSON.stringify(value) ?? ''),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const judged = judgeEnvelope(text, trusted);
        expect(judged.ok).toBe(false);
        if (!judged.ok) expect(judged.reason).not.toBe('');
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  test('that is signed is judged by its form too: names that lead out of the folder, negative sizes, no hash', () => {
    const file = fc.record({
      path: fc.oneof(fc.string(), fc.constantFrom('../x', '/etc/passwd', 'model.json', 'a/../../b')),
      sha256: fc.oneof(fc.constant('a'.repeat(64)), fc.string()),
      bytes: fc.oneof(fc.integer(), fc.double()),
    });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 4 }), fc.string(), (files, name) => {
        const said = { schemaVersion: 1, name, kind: 'folder', signedAt: '2026-03-01T00:00:00.000Z', files };
        const judged = judgeEnvelope(JSON.stringify(signFiles(said as SignedFiles, privateKey)), trusted);
        if (!judged.ok) return;
        for (const { path, sha256, bytes } of judged.files.files) {
          expect(path.split('/').some((part) => part === '' || part === '.' || part === '..')).toBe(false);
          expect(sha256).toMatch(/^[0-9a-f]{64}$/);
          expect(Number.isInteger(bytes) && bytes >= 0).toBe(true);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('as a kept clock is none, or two numbers', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const anchor = anchorOf(value);
        if (anchor !== undefined) expect([typeof anchor.packet, typeof anchor.wall]).toEqual(['number', 'number']);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
