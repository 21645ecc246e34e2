/** Pictures with fewer colours: what is read is what was written, in every filter of the format. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { smallPng } from '../../src/bench/small-png';

const chunk = (name: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(name), data]);
  const frame = Buffer.alloc(named.length + 8);
  frame.writeUInt32BE(data.length);
  named.copy(frame, 4);
  frame.writeUInt32BE(crc32(named), named.length + 4);
  return frame;
};
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** An RGB picture whose rows are given as they are in the file: a filter, then bytes. */
const png = (width: number, rows: readonly (readonly number[])[], type = 2): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([8, type, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const colours = (picture: Buffer): readonly (readonly number[])[] => {
  const parts = new Map<string, Buffer>();
  for (let at = 8; at < picture.length; at += 12 + picture.readUInt32BE(at)) {
    const end = at + 8 + picture.readUInt32BE(at);
    expect(picture.readUInt32BE(end)).toBe(crc32(picture.subarray(at + 4, end)));
    parts.set(picture.toString('latin1', at + 4, at + 8), picture.subarray(at + 8, end));
  }
  const width = parts.get('IHDR')?.readUInt32BE(0) ?? 0;
  const palette = parts.get('PLTE') ?? Buffer.alloc(0);
  const raw = inflateSync(parts.get('IDAT') ?? Buffer.alloc(0));
  const rows: number[][] = [];
  for (let at = 0; at < raw.length; at += width + 1)
    rows.push([...raw.subarray(at + 1, at + 1 + width)].map((index) => palette.readUIntBE(index * 3, 3)));
  return rows;
};

test.each([
  [0, [200, 100, 50, 10, 20, 30]],
  [1, [200, 100, 50, 66, 176, 236]],
  [2, [190, 80, 20, 216, 226, 236]],
  [3, [195, 90, 35, 146, 206, 246]],
  [4, [190, 80, 20, 216, 226, 236]],
])('filter %d', (filter, bytes) => {
  // Above it: 10 20 30, 50 50 50; it is 200 100 50, 10 20 30.
  const picture = png(2, [
    [0, 10, 20, 30, 50, 50, 50],
    [filter, ...bytes],
  ]);
  const [above, row] = colours(smallPng(picture));
  expect(above).toEqual([0x0a141e, 0x323232]);
  if (filter <= 2) expect(row).toEqual([0xc86432, 0x0a141e]);
  else expect(row?.[0]).toBe(0xc86432);
});

test('beyond 256 colours the rarest become their nearest', () => {
  const many = Array.from({ length: 300 }, (_, index) => [0, index >> 8, index & 255]).flat();
  const [row] = colours(smallPng(png(300, [[0, ...many]])));
  expect(row?.slice(0, 256)).toEqual(Array.from({ length: 256 }, (_, index) => index));
  expect(row?.slice(256).every((colour) => colour < 256)).toBe(true);
});

test('what is no PNG, or of another kind, is refused', () => {
  expect(() => smallPng(Buffer.from('GIF89a, and more of it'))).toThrow('no PNG');
  expect(() => smallPng(png(1, [[0, 1]], 0))).toThrow('not of 8 bits');
});
