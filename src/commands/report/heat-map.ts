/** A confusion matrix as a heat map: what is right in one colour, what is taken for something else in another. */
import type { Confusion } from '../../core/metrics/confusion';
import { drawing, html, nameWidth, shortName, type Markup } from '../../core/markup';

/** White text is read from this opacity of the cell on. */
const DARK_CELL = 0.55;
/** Room for the number of windows beside a name. */
const COUNT_WIDTH = 34;
const GAP = 8;

const opacityOf = (share: number): number => 0.06 + 0.94 * share;

interface Cell {
  readonly share: number;
  readonly column: number;
  readonly row: number;
  readonly kind: 'right' | 'wrong' | 'unknown';
  readonly title: string;
}

export const heatMap = (confusion: Confusion, name: string, titleOf: (id: string) => string): Markup => {
  const { classes, counts } = confusion;
  if (classes.length === 0) return html`<p class="soft">No detected window with a known ${name} inside a label.</p>`;
  const extra = [
    ...(confusion.other.some((share) => share > 0)
      ? [{ title: 'another class', shares: confusion.other, kind: 'wrong' as const }]
      : []),
    ...(confusion.unknown.some((share) => share > 0)
      ? [{ title: 'unknown', shares: confusion.unknown, kind: 'unknown' as const }]
      : []),
  ];
  const columns = [...classes.map(titleOf), ...extra.map(({ title }) => title)].map(shortName);
  const left = nameWidth(classes.map(titleOf)) + COUNT_WIDTH;
  const size = Math.max(30, Math.min(58, Math.floor(400 / columns.length)));
  const longest = Math.max(...columns.map((title) => title.length));
  const isTilted = longest * 6.2 > size - 4;
  const top = isTilted ? Math.min(120, 16 + longest * 4.2) : 26;
  const x = (column: number): number => left + column * size + (column >= classes.length ? GAP : 0);
  const y = (row: number): number => top + row * size;
  const cells = classes.flatMap((id, row): Cell[] => [
    ...classes.map((other, column): Cell => {
      const share = confusion.confusion[row]?.[column] ?? 0;
      return {
        share,
        column,
        row,
        kind: row === column ? 'right' : 'wrong',
        title: `${titleOf(id)} taken for ${titleOf(other)}`,
      };
    }),
    ...extra.map(({ title, shares, kind }, index): Cell => ({
      share: shares[row] ?? 0,
      column: classes.length + index,
      row,
      kind,
      title: `${titleOf(id)}: ${title}`,
    })),
  ]);
  const drawn = cells.map(({ share, column, row, kind, title }) => {
    const fill = { right: 'var(--right)', wrong: 'var(--wrong)', unknown: 'var(--faint)' }[kind];
    const text = Math.round(share * 100);
    return html`<g
      ><title>${title}: ${(100 * share).toFixed(1)} %</title>
      <rect
        x="${x(column) + 1}"
        y="${y(row) + 1}"
        width="${size - 2}"
        height="${size - 2}"
        rx="3"
        style="fill:${share === 0 ? 'var(--grid)' : fill};fill-opacity:${share === 0 ? '.5' : opacityOf(share).toFixed(2)}"
      />
      ${text === 0 ? undefined : html`<text class="mid ${share >= DARK_CELL ? 'on' : 'ink'}" x="${x(column) + size / 2}" y="${y(row) + size / 2 + 4}">${String(text)}</text>`}</g
    >`;
  });
  const rowTitles = classes.map(
    (id, row) =>
      html`<text class="end ink" x="${left - COUNT_WIDTH - 4}" y="${y(row) + size / 2 + 4}"
          >${shortName(titleOf(id))}</text
        >
        <text class="end small" x="${left - 6}" y="${y(row) + size / 2 + 4}">${String(counts[row] ?? 0)}</text>`,
  );
  const columnTitles = columns.map((title, column) => {
    const [cx, cy] = [x(column) + size / 2, top - 7];
    return isTilted
      ? html`<text transform="translate(${cx + 3} ${cy}) rotate(-38)">${title}</text>`
      : html`<text class="mid" x="${cx}" y="${cy}">${title}</text>`;
  });
  const width = x(columns.length) + (isTilted ? 46 : 4);
  return drawing(width, y(classes.length) + 4, `Confusion matrix, ${name}`, [...columnTitles, ...rowTitles, ...drawn]);
};
