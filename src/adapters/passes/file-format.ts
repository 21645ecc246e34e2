/** What a file is, by its first bytes. */

export type FileFormat =
  | { readonly kind: 'text'; readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' }
  | { readonly kind: 'gzip' }
  | { readonly kind: 'parquet' }
  /** What it is, and what can be done to have it read. */
  | { readonly kind: 'refused'; readonly what: string; readonly advice: string };

const TO_CSV = 'write it as CSV, first column time, then one column a parameter';
const PYTHON = (read: string): string => `${TO_CSV}: in Python, ${read}.to_csv("pass.csv")`;

/** Formats that telemetry comes in and that are not read. `at`: where the mark lies. */
const REFUSED: readonly {
  readonly mark: Buffer;
  readonly at?: number;
  readonly what: string;
  readonly advice: string;
}[] = [
  {
    mark: Buffer.from('PK\x03\x04', 'latin1'),
    what: 'a spreadsheet (xlsx, ods) or another zip archive',
    advice: 'save the sheet as CSV (UTF-8), or unpack the archive',
  },
  {
    mark: Buffer.from([0xd0, 0xcf, 0x11, 0xe0]),
    what: 'an old Excel file (xls)',
    advice: 'save the sheet as CSV (UTF-8)',
  },
  {
    mark: Buffer.from('1AY&SY'),
    at: 4,
    what: 'compressed with bzip2',
    advice: 'unpack it with bunzip2, or compress it with gzip',
  },
  {
    mark: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]),
    what: 'compressed with xz',
    advice: 'unpack it with unxz, or compress it with gzip',
  },
  {
    mark: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    what: 'compressed with zstd',
    advice: 'unpack it with unzstd, or compress it with gzip',
  },
  { mark: Buffer.from([0x37, 0x7a, 0xbc, 0xaf]), what: 'a 7-zip archive', advice: 'unpack it with 7z x' },
  { mark: Buffer.from('ustar'), at: 257, what: 'a tar archive', advice: 'unpack it with tar -xf' },
  {
    mark: Buffer.from('\x89HDF', 'latin1'),
    what: 'an HDF5 file (also netCDF 4 and MATLAB 7.3)',
    advice: PYTHON('pandas.read_hdf("pass.h5")'),
  },
  {
    mark: Buffer.from('MATLAB 5.0'),
    what: 'a MATLAB file',
    advice: 'write it as CSV: in MATLAB, writetimetable(T, "pass.csv")',
  },
  ...[1, 2, 5].map((version) => ({
    mark: Buffer.from([0x43, 0x44, 0x46, version]),
    what: 'a netCDF file',
    advice: PYTHON('xarray.open_dataset("pass.nc").to_dataframe()'),
  })),
  { mark: Buffer.from([0xcd, 0xf3, 0x00, 0x01]), what: 'a NASA CDF file', advice: TO_CSV },
  {
    mark: Buffer.from('ARROW1\0\0'),
    what: 'an Arrow (Feather) file',
    advice: PYTHON('pandas.read_feather("pass.arrow")'),
  },
  { mark: Buffer.from('Obj\x01', 'latin1'), what: 'an Avro file', advice: TO_CSV },
  {
    mark: Buffer.from('SQLite format 3'),
    what: 'an SQLite database',
    advice: 'write a table as CSV: sqlite3 -csv -header FILE "select ..." > pass.csv',
  },
  {
    mark: Buffer.from('SIMPLE  ='),
    what: 'a FITS file',
    advice: PYTHON('astropy.table.Table.read("pass.fits").to_pandas()'),
  },
  {
    mark: Buffer.from('\x93NUMPY', 'latin1'),
    what: 'a NumPy array',
    advice: 'write it as CSV: numpy.savetxt("pass.csv", a, delimiter=",", header="time,...")',
  },
  { mark: Buffer.from('%PDF'), what: 'a PDF document', advice: TO_CSV },
  { mark: Buffer.from('<?xml'), what: 'an XML document', advice: TO_CSV },
];

/** So many bytes show whether a text has two bytes a character. */
const SAMPLE_BYTES = 1024;
/** Latin text in UTF-16 has a zero in nearly every second byte. */
const MOST = 0.7;

/** Telemetry written by people's programs has hardly a control character, and few letters that are not ASCII. */
const MAX_STRANGE = 0.1;
const isText = (sample: Buffer): boolean => {
  const control = sample.filter((byte) => byte < 9 || (byte > 13 && byte < 32) || byte === 127).length;
  const high = sample.filter((byte) => byte >= 128).length;
  // The sample may end within a letter, which is no error in a stream.
  const isUtf8 = !new TextDecoder('utf-8').decode(sample, { stream: true }).includes('\ufffd');
  return control <= MAX_STRANGE * sample.length && (isUtf8 || high <= MAX_STRANGE * sample.length);
};

const textEncoding = (head: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined => {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const sample = head.subarray(0, SAMPLE_BYTES);
  if (!sample.includes(0)) return isText(sample) ? 'utf-8' : undefined;
  const pairs = Math.floor(sample.length / 2);
  let [even, odd] = [0, 0];
  for (let index = 0; index < 2 * pairs; index += 1) {
    if (sample[index] !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  if (pairs > 1 && odd >= MOST * pairs && even === 0) return 'utf-16le';
  if (pairs > 1 && even >= MOST * pairs && odd === 0) return 'utf-16be';
  // A writer that was cut off leaves zeros behind its text: they cost their line.
  const written = sample.subarray(0, sample.findLastIndex((byte) => byte !== 0) + 1);
  return written.length > 0 && isText(written) ? 'utf-8' : undefined;
};

/** @param head the first bytes of a file, as many as were read. */
export const formatOf = (head: Buffer): FileFormat => {
  if (head[0] === 0x1f && head[1] === 0x8b) return { kind: 'gzip' };
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return { kind: 'parquet' };
  for (const { mark, at = 0, what, advice } of REFUSED)
    if (head.subarray(at, at + mark.length).equals(mark)) return { kind: 'refused', what, advice };
  const encoding = textEncoding(head);
  return encoding === undefined
    ? { kind: 'refused', what: 'binary', advice: `${TO_CSV}, or as NDJSON, one {"time", "values"} a line` }
    : { kind: 'text', encoding };
};
