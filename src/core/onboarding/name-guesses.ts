/** What the names of parameters give away: which unit they belong to, what they are measured in, and how to spell them. */

/** An id as a mission file wants it (domain/mission.ts). */
export const isIdentifier = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_.-]*$/.test(name);

/** The nearest name that is an identifier: `Volume Flow (l/min)` becomes `Volume_Flow_l_min`. */
export const asIdentifier = (name: string): string => {
  const plain = name.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[^A-Za-z0-9]+|_+$/g, '');
  if (plain === '') return 'unnamed';
  return /^[A-Za-z]/.test(plain) ? plain : `p_${plain}`;
};

/** New names for columns, none of them taken twice. */
export const renamed = (names: readonly string[]): readonly string[] => {
  const taken = new Set(names.filter(isIdentifier));
  return names.map((name) => {
    if (isIdentifier(name)) return name;
    const wanted = asIdentifier(name);
    let free = wanted;
    for (let suffix = 2; taken.has(free); suffix += 1) free = `${wanted}_${String(suffix)}`;
    taken.add(free);
    return free;
  });
};

/** `temp_rw0`, `temp_rw1`: a quantity in front is no unit, however many share it. */
const QUANTITIES = new Set(
  'temp temperature press pressure volt voltage current power speed rate flow vib vibration torque level cmd command tlm tm value state status mode flag time count'.split(
    ' ',
  ),
);

/** A prefix deeper than this is a path, not the name of a unit. */
const DEEPEST_PREFIX = 3;

/** The first `depth` words of a name with their separators; undefined when nothing would be left behind it. */
const prefixOf = (name: string, depth: number): string | undefined => {
  const match = new RegExp(`^([^_.-]+(?:[_.-][^_.-]+){${String(depth - 1)}})[_.-]+[^_.-]`).exec(name);
  return match?.[1];
};

/**
 * Equipment of each parameter that seems to have one. A prefix up to "_", "." or "-" is taken for a unit when three things hold.
 * At least two parameters share it, at least two such prefixes exist, and it is not the name of a quantity. Where all share the
 * first word (`sat_rw0_speed`), two words are tried, then three.
 */
export const guessEquipment = (names: readonly string[]): ReadonlyMap<string, string> => {
  for (let depth = 1; depth <= DEEPEST_PREFIX; depth += 1) {
    const groups = new Map<string, string[]>();
    for (const name of names) {
      const prefix = prefixOf(name, depth);
      if (prefix === undefined || QUANTITIES.has(prefix.toLowerCase())) continue;
      groups.set(prefix, [...(groups.get(prefix) ?? []), name]);
    }
    const units = [...groups].filter(([prefix, members]) => members.length > 1 && isIdentifier(prefix));
    if (units.length > 1) return new Map(units.flatMap(([prefix, members]) => members.map((name) => [name, prefix])));
  }
  return new Map();
};

/** Last words of a name that can be nothing else. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ rpm: 'rpm', mnm: 'mNm', degc: 'degC', degk: 'K', kelvin: 'K', deg: 'deg', dps: 'deg/s', hz: 'Hz', khz: 'kHz' },
  ...{ ma: 'mA', mv: 'mV', kv: 'kV', kw: 'kW', pa: 'Pa', kpa: 'kPa', mbar: 'mbar', bar: 'bar', pct: '%', percent: '%' },
};
/** One letter may as well be an axis or a redundant unit (`tank_a`): it needs the quantity beside it. */
const LETTER_UNITS: Readonly<Record<string, { readonly unit: string; readonly quantity: RegExp }>> = {
  a: { unit: 'A', quantity: /curr|amp/ },
  v: { unit: 'V', quantity: /volt/ },
  w: { unit: 'W', quantity: /power/ },
  c: { unit: 'degC', quantity: /temp|therm/ },
  k: { unit: 'K', quantity: /temp|therm/ },
  g: { unit: 'g', quantity: /acc|vib/ },
};

/** Engineering units a name ends in, when unmistakable: `rw0_speed_rpm`, `rw0_current_a`. */
export const guessUnits = (name: string): string | undefined => {
  const words = name.toLowerCase().split(/[_.-]/);
  const last = words.pop() ?? '';
  if (words.length === 0) return undefined;
  const letter = Object.hasOwn(LETTER_UNITS, last) ? LETTER_UNITS[last] : undefined;
  if (letter !== undefined) return letter.quantity.test(words.join(' ')) ? letter.unit : undefined;
  return Object.hasOwn(UNITS, last) ? UNITS[last] : undefined;
};
