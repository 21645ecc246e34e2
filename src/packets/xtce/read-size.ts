/** Sizes, counts and offsets: FixedValue, DynamicValue, DiscreteLookupList (XTCE 1.2 IntegerValueType). */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import type { XtceCondition, Count, Size } from './model';
import { readCondition } from './read-condition';
import { readValueReference } from './read-value';

/** A definition may not name sizes beyond this; a packet of CCSDS 133.0-B has at most 524,336 bits, segments may make more. */
export const MAX_COUNT = 2 ** 31;

const readDynamic = (reading: Reading, at: ElementReader, scope: Scope): Count | undefined => {
  const instance = at.child('ParameterInstanceRef');
  const adjustment = at.child('LinearAdjustment');
  at.finish();
  const slope = adjustment?.number('slope') ?? 1;
  const intercept = adjustment?.number('intercept') ?? 0;
  if (adjustment !== undefined && adjustment.element.attributes.get('slope') === undefined) {
    adjustment.warn('has no attribute slope: 1 is taken');
  }
  adjustment?.finish();
  if (instance === undefined) {
    at.refuse('needs a ParameterInstanceRef');
    return undefined;
  }
  const ref = readValueReference(reading, instance, scope);
  instance.finish();
  if (ref === undefined) return undefined;
  const isNumber = ref.calibrated
    ? ['integer', 'float'].includes(ref.type.kind)
    : ref.type.encoding?.kind === 'integer';
  if (!isNumber) instance.refuse(`${ref.id} gives no number`);
  return { kind: 'dynamic', ref, slope, intercept };
};

const readLookup = (reading: Reading, at: ElementReader, scope: Scope): Count | undefined => {
  const rows = at.children('DiscreteLookup').map((row) => {
    const value = row.integer('value', 0);
    if (row.element.attributes.get('value') === undefined) row.refuse('has no attribute value');
    const when = readCondition(reading, row, scope);
    return when === undefined ? undefined : { when, value };
  });
  at.finish();
  if (rows.length === 0) at.refuse('holds no DiscreteLookup');
  const known = rows.filter((row): row is { when: XtceCondition; value: number } => row !== undefined);
  return known.length < rows.length ? undefined : { kind: 'lookup', rows: known };
};

/** The count inside `at`. `Fixed` around a FixedValue is taken as well. */
export const readCount = (reading: Reading, at: ElementReader, scope: Scope): Count | undefined => {
  const forms = at.children('FixedValue', 'DynamicValue', 'DiscreteLookupList');
  at.finish();
  const [form, more] = forms;
  if (form === undefined || more !== undefined) {
    at.refuse('needs one FixedValue, DynamicValue or DiscreteLookupList');
    return undefined;
  }
  if (form.name === 'DynamicValue') return readDynamic(reading, form, scope);
  if (form.name === 'DiscreteLookupList') return readLookup(reading, form, scope);
  const value = form.integerText();
  form.finish();
  if (value === undefined) return undefined;
  if (Math.abs(value) > MAX_COUNT) form.refuse(`${String(value)} is beyond the limit of ${String(MAX_COUNT)}`);
  return { kind: 'fixed', value };
};

/** A count of bits, which may not be negative. */
export const asSize = (at: ElementReader, count: Count | undefined): Size | undefined => {
  switch (count?.kind) {
    case undefined:
      return undefined;
    case 'fixed':
      if (count.value < 0) at.refuse(`a size of ${String(count.value)} bits is negative`);
      return { kind: 'fixed', bits: count.value };
    case 'dynamic':
      return count;
    case 'lookup':
      count.rows.forEach(({ value }) => {
        if (value < 0) at.refuse(`a size of ${String(value)} bits is negative`);
      });
      return { kind: 'lookup', rows: count.rows.map(({ when, value }) => ({ when, bits: value })) };
  }
};

/** A count of entries, dimensions or bits that may not be negative. */
export const readPositiveCount = (reading: Reading, at: ElementReader, scope: Scope): Count | undefined => {
  const count = readCount(reading, at, scope);
  if (count?.kind === 'fixed' && count.value < 0) at.refuse(`${String(count.value)} is negative`);
  return count;
};
