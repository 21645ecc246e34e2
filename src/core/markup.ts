/** Text to HTML and SVG: everything that comes from outside is escaped here, and nowhere else. */

/** Markup that is safe to put into a page as it stands. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[] | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** Coordinates: a tenth of a pixel is finer than any screen. */
const numberText = (value: number): string => String(Math.round(value * 10) / 10);

const partText = (part: Part): string => {
  if (part === undefined) return '';
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return numberText(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
};

/** Template tag: strings are escaped, numbers rounded to a tenth, markup taken as it is. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.reduce((text, piece, index) => text + (index === 0 ? '' : partText(parts[index - 1])) + piece, ''),
});

/** A drawing that scales with its column. */
export const drawing = (width: number, height: number, title: string, content: Part): Markup =>
  html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" style="max-width:${width}px">
    ${content}
  </svg>`;

/** `M x y L x y ...` through points. */
export const pathThrough = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${numberText(x)} ${numberText(y)}`).join('');

export const percentText = (share: number | null, digits = 1): string =>
  share === null ? '–' : `${(100 * share).toFixed(digits)} %`;

export const numberOr = (value: number | null, digits: number, units = ''): string =>
  value === null ? '–' : `${value.toFixed(digits)}${units}`;

/** "3 min 20 s". */
export const durationText = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${String(minutes)} min${seconds % 60 === 0 ? '' : ` ${String(seconds % 60)} s`}`;
  const hours = minutes / 60;
  return hours < 48 ? `${String(Math.round(hours * 10) / 10)} h` : `${String(Math.round((hours / 24) * 10) / 10)} days`;
};

/** Names longer than this are cut in drawings; their tooltip has the rest. */
const LONGEST_NAME = 40;

export const shortName = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;

/** Room for names of 11 px, by their longest. */
export const nameWidth = (names: readonly string[]): number =>
  Math.max(60, ...names.map((name) => 10 + 6.1 * shortName(name).length));
