/** Recordings of seeds beside an independent reader; `npm run campaign -- --files` reads a hundred thousand. `FDIR_SEED` is one of them. */
import { describeFileFailure, differences, fileCampaign } from '../../src/bench/campaign/files/file-campaign';

const FILES = 3000;
const TIMEOUT_MS = 600_000;
const seed = process.env['FDIR_SEED'];

test(
  `${String(FILES)} files from seed ${seed ?? '1'} on: no value that was not in the file, and none lost without being counted`,
  async () => {
    const told: string[] = [];
    const result = await fileCampaign(Number(seed ?? 1), seed === undefined ? FILES : 1, (verdict) => {
      if (verdict.found.length > 0) told.push(describeFileFailure(verdict));
    });
    expect(told.slice(0, 10).join('\n')).toBe('');
    // Files without values, or without anything to drop, prove nothing.
    if (seed !== undefined) return;
    const { malformed = 0, past = 0 } = result.dropped;
    expect([result.values > 10 * FILES, malformed > FILES, result.dropped['not-finite'] ?? 0, past]).toEqual([
      true,
      true,
      expect.any(Number),
      expect.any(Number),
    ]);
  },
  TIMEOUT_MS,
);

describe('a reader is found out', () => {
  const expected = { frames: ['0 a=1', '4000 a=2'], dropped: { malformed: 1 } };
  const frames = [
    { time: 0, values: { a: 1 } },
    { time: 4000, values: { a: 2 } },
  ];
  const dropped = { malformed: 1 };
  test.each([
    ['is right', { frames, dropped }, []],
    [
      'changes a value',
      { frames: [{ time: 0, values: { a: 0 } }, ...frames.slice(1)], dropped },
      ['not in the file: 0 a=0', 'lost: 0 a=1'],
    ],
    ['loses a frame', { frames: frames.slice(1), dropped }, ['lost: 0 a=1']],
    ['reads a frame twice', { frames: [...frames, frames[1] ?? frames[0]], dropped }, ['not in the file: 4000 a=2']],
    ['does not count', { frames, dropped: {} }, ['dropped [] where it should be [["malformed",1]]']],
    ['refuses the file', { frames: [], dropped, refusal: 'no' }, ['no']],
    [
      'does not sort',
      { frames: [{ time: 9000, values: {} }, ...frames], dropped },
      expect.arrayContaining(['the frames are not in the order of time']),
    ],
  ])('that %s', (_what, reading, found) => {
    expect(differences(reading as Parameters<typeof differences>[0], expected)).toEqual(found);
  });
});
