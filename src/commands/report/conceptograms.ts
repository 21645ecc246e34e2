/** Mean conceptograms: for each fault class, what its windows light up at every tap. Classes go down, taps across. */
import { NOMINAL, UNKNOWN } from '../../domain/explanation';
import type { ConceptRow, MeanConceptogram } from '../../fit/evaluate/evaluate-conceptograms';
import { drawing, html, nameWidth, shortName, type Markup } from '../../core/markup';
import type { ReportModel } from './report-model';

const PLOT = 184;
const CELL = 17;
const HEAD = 34;

type TitleOf = (id: string) => string;

/** Neighbouring taps with the same classes share a block. */
const blocksOf = (rows: readonly ConceptRow[]): readonly (readonly ConceptRow[])[] => {
  const blocks: ConceptRow[][] = [];
  for (const row of rows) {
    const block = blocks.at(-1);
    if (block?.[0]?.classes.join() === row.classes.join()) block.push(row);
    else blocks.push([row]);
  }
  return blocks;
};

const isRight = (row: ConceptRow, name: string, fault: string): boolean =>
  row.whose === 'other equipments' ? name === NOMINAL : name === fault || name === 'right equipment';

const cell = ({
  row,
  at,
  x,
  y,
  width,
  fault,
  titleOf,
}: {
  readonly row: ConceptRow;
  readonly at: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly fault: string;
  readonly titleOf: TitleOf;
}): Markup => {
  const name = row.classes[at] ?? '';
  const share = row.posterior[at] ?? 0;
  const colour = isRight(row, name, fault) ? 'var(--right)' : name === UNKNOWN ? 'var(--faint)' : 'var(--wrong)';
  const percent = Math.round(100 * share);
  const fill = percent === 0 ? 'var(--grid)' : colour;
  const opacity = percent === 0 ? 0.55 : 0.06 + 0.94 * share;
  const text =
    percent < 1
      ? undefined
      : html`<text class="mid small ${share >= 0.55 ? 'on' : 'ink'}" x="${x + width / 2}" y="${y + CELL / 2 + 3.5}"
          >${String(percent)}</text
        >`;
  return html`<g
    ><title>${row.tap}, ${row.whose}: ${titleOf(name)} ${(100 * share).toFixed(1)} %</title
    ><rect
      x="${x + 1}"
      y="${y + 1}"
      width="${width - 2}"
      height="${CELL - 2}"
      rx="2"
      style="fill:${fill};fill-opacity:${opacity.toFixed(3)}"
    />${text}</g
  >`;
};

const drawBlock = ({
  block,
  left,
  top,
  fault,
  titleOf,
}: {
  readonly block: readonly ConceptRow[];
  readonly left: number;
  readonly top: number;
  readonly fault: string;
  readonly titleOf: TitleOf;
}): Markup => {
  const classes = block[0]?.classes ?? [];
  const width = PLOT / Math.max(2, block.length);
  const heads = block.map((row, column) => {
    const x = left + (column + 0.5) * width;
    const isNewTap = block[column - 1]?.tap !== row.tap;
    const span = block.filter(({ tap }) => tap === row.tap).length * width;
    return html`${isNewTap ? html`<text class="mid small" x="${left + column * width + span / 2}" y="${top + 11}">${row.tap}</text>` : undefined}<text
        class="mid small"
        x="${x}"
        y="${top + 26}"
        >${{ 'equipment at fault': 'at fault', 'other equipments': 'others', 'whole window': 'window' }[row.whose]}</text
      >`;
  });
  const names = classes.map((name, at) => {
    const kind = name === fault ? 'ink' : '';
    return html`<text class="end ${kind}" x="${left - 8}" y="${top + HEAD + at * CELL + CELL / 2 + 4}"
      >${shortName(titleOf(name))}</text
    >`;
  });
  const cells = block.flatMap((row, column) =>
    classes.map((_, at) =>
      cell({ row, at, x: left + column * width, y: top + HEAD + at * CELL, width, fault, titleOf }),
    ),
  );
  return html`${heads}${names}${cells}`;
};

const conceptogram = ({ fault, windows, rows }: MeanConceptogram, titleOf: TitleOf): Markup => {
  const left = nameWidth(rows.flatMap(({ classes }) => classes).map(titleOf));
  let top = 0;
  const parts = blocksOf(rows).map((block) => {
    const drawn = drawBlock({ block, left, top, fault, titleOf });
    top += HEAD + (block[0]?.classes.length ?? 0) * CELL + 6;
    return drawn;
  });
  return html`<div>
    <h3>${titleOf(fault)} <span class="soft">· ${String(windows)} windows</span></h3>
    ${drawing(left + PLOT, top, `Mean conceptogram of ${titleOf(fault)}`, parts)}
  </div>`;
};

/** One package: as many beside each other as fit. Two: a fault a line, a column each. */
export const conceptograms = (models: readonly ReportModel[], titleOf: TitleOf): Markup => {
  const faults = [...new Set(models.flatMap((model) => model.conceptograms.map(({ fault }) => fault)))];
  if (faults.length === 0) return html`<p class="soft">No detected window inside a label of a known equipment.</p>`;
  const cells = faults.flatMap((fault) =>
    models.map(({ conceptograms: own, evaluation }, index) => {
      const found = own.find((item) => item.fault === fault);
      const drawn =
        found === undefined
          ? html`<h3>${titleOf(fault)}</h3>
              <p class="soft">No window detected.</p>`
          : conceptogram(found, titleOf);
      const chip =
        models.length === 1
          ? undefined
          : html`<p><span class="chip ${index === 0 ? 'a' : 'b'}">${evaluation.model.id}</span></p>`;
      return html`<div>${chip}${drawn}</div>`;
    }),
  );
  return html`<div class="${models.length === 1 ? 'concepts' : 'inner'}">${cells}</div>`;
};
