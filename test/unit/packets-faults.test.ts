/**
 * A hundred faults put into a definition that is right, one at a time: an element or attribute renamed, a type or parameter removed, a
 * size or a restriction changed. None may stay silent: the definition, the compiled decoder or the packets must say something.
 */
import { readFileSync } from 'node:fs';
import { createRandom, type Random } from '../../src/core/random';
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { readPackets } from '../../src/packets/stream/packet-reader';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { describeWithSharedData, sharedData } from '../support/shared-data';

const SEED = 7;
const FAULTS = 100;

interface Fault {
  readonly what: string;
  readonly text: string;
}

const pick = <T>(random: Random, values: readonly T[]): T => {
  const value = values[random.int(values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
};

const replaceAt = (text: string, at: number, length: number, put: string): string =>
  text.slice(0, at) + put + text.slice(at + length);

const matches = (text: string, pattern: RegExp): readonly RegExpExecArray[] => [...text.matchAll(pattern)];

type MakeFault = (text: string, random: Random) => Fault;

/** Documentation may be renamed as well: an unknown element is an unknown element. */
const renameElement: MakeFault = (text, random) => {
  const found = pick(random, matches(text, /<(?:xtce:)?([A-Za-z]+)((?:\s+[\w:]+="[^"]*")*)\s*\/>/g));
  const name = found[1] ?? '';
  const at = found.index + found[0].indexOf(name);
  return {
    what: `element ${name} renamed at ${String(found.index)}`,
    text: replaceAt(text, at, name.length, `${name}X`),
  };
};

const renameAttribute: MakeFault = (text, random) => {
  const names =
    /\s(parameterTypeRef|sizeInBits|encoding|signed|parameterRef|containerRef|value|abstract|useCalibratedValue)=/g;
  const found = pick(random, matches(text, names));
  const name = found[1] ?? '';
  return {
    what: `attribute ${name} renamed at ${String(found.index)}`,
    text: replaceAt(text, found.index + 1, name.length, `${name}X`),
  };
};

const removeType: MakeFault = (text, random) => {
  const found = pick(random, matches(text, /<(xtce:\w+ParameterType) name="(\w+)"[\s\S]*?<\/\1>/g));
  return { what: `type ${found[2] ?? ''} removed`, text: replaceAt(text, found.index, found[0].length, '') };
};

const removeParameter: MakeFault = (text, random) => {
  const found = pick(random, matches(text, /<xtce:Parameter name="(\w+)"[^>]*\/>/g));
  return { what: `parameter ${found[1] ?? ''} removed`, text: replaceAt(text, found.index, found[0].length, '') };
};

const removeEntry: MakeFault = (text, random) => {
  const found = pick(random, matches(text, /<xtce:ParameterRefEntry parameterRef="(\w+)"\/>/g));
  return { what: `entry ${found[1] ?? ''} removed`, text: replaceAt(text, found.index, found[0].length, '') };
};

const changeSize: MakeFault = (text, random) => {
  const found = pick(random, matches(text, /sizeInBits="(\d+)"/g));
  const size = Number(found[1]);
  const other = Math.max(1, size + pick(random, [-8, -1, 1, 8, 16]));
  const changed = other === size ? size + 1 : other;
  return {
    what: `size ${String(size)} changed to ${String(changed)} at ${String(found.index)}`,
    text: replaceAt(text, found.index, found[0].length, `sizeInBits="${String(changed)}"`),
  };
};

const changeReference: MakeFault = (text, random) => {
  const found = pick(random, matches(text, /(parameterTypeRef|parameterRef|containerRef)="(\w+)"/g));
  return {
    what: `${found[1] ?? ''} ${found[2] ?? ''} misspelt`,
    text: replaceAt(text, found.index, found[0].length, `${found[1] ?? ''}="${found[2] ?? ''}Z"`),
  };
};

const changeRestriction: MakeFault = (text, random) => {
  const found = pick(random, matches(text, /value="(\d+)"/g));
  return {
    what: `restriction ${found[1] ?? ''} changed`,
    text: replaceAt(text, found.index, found[0].length, `value="${String(Number(found[1]) + 1)}"`),
  };
};

const KINDS = [
  renameElement,
  renameAttribute,
  removeType,
  removeParameter,
  removeEntry,
  changeSize,
  changeReference,
  changeRestriction,
];

describeWithSharedData('faults in the definition of JPSS-1', () => {
  test(`of ${String(FAULTS)} seeded faults none is silent (seed ${String(SEED)})`, () => {
    const definitionText = readFileSync(sharedData('jpss1/jpss1_geolocation_xtce_v1.xml'), 'utf8');
    const recording = readFileSync(sharedData('jpss1/J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1'));
    const packets = readPackets(recording.subarray(0, 71 * 20)).items.flatMap((item) =>
      item.type === 'packet' ? [item.packet] : [],
    );

    /** How many say something. */
    const told = (text: string): number => {
      const { definition, problems } = readDefinition(text);
      if (definition === undefined) return problems.length;
      const compiled = compileDecoder(definition);
      const ofPackets = packets.flatMap((packet) => compiled.decoder?.decode(packet.bytes).problems ?? []);
      return problems.length + compiled.problems.length + ofPackets.length;
    };

    expect(told(definitionText)).toBe(0);
    const random = createRandom(SEED);
    const faults = Array.from({ length: FAULTS }, (_, index) => {
      const make = KINDS[index % KINDS.length] ?? changeSize;
      return make(definitionText, random);
    });
    expect(new Set(faults.map(({ text }) => text)).size).toBeGreaterThan(FAULTS / 2);
    expect(faults.filter(({ text }) => told(text) === 0).map(({ what }) => what)).toEqual([]);
  });
});
