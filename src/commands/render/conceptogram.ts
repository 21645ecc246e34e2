/** The conceptogram for a terminal: a row a class, a column a tap, darker is likelier. */
import type { Peephole } from '../../domain/explanation';
import type { Mission } from '../../domain/mission';
import type { Look } from './look';
import { shade } from './bars';
import { classTitle, percent } from './text';

/** A class below this at every tap has no row of its own. */
const LEAST_SHOWN = 0.01;
const MAX_ROWS = 5;
const SHADE_WIDTH = 6;
/** The shade, a blank, "100 %", and two blanks to the next. */
const CELL_WIDTH = SHADE_WIDTH + 8;

interface Row {
  readonly title: string;
  /** One a tap. */
  readonly posterior: readonly number[];
}

const rowsOf = (mission: Mission, peepholes: readonly Peephole[]): Row[] =>
  (peepholes[0]?.classes ?? [])
    .map((name, index) => ({
      title: classTitle(mission, name),
      posterior: peepholes.map(({ posterior }) => posterior[index] ?? 0),
    }))
    .sort((a, b) => Math.max(...b.posterior) - Math.max(...a.posterior));

/** Short enough for its column: the end of a tap's name tells more than its beginning. */
const fit = (name: string, width: number): string => (name.length <= width ? name : `…${name.slice(1 - width)}`);

const blockOf = (mission: Mission, task: string, peepholes: readonly Peephole[], { width, paint }: Look): string[] => {
  const rows = rowsOf(mission, peepholes);
  const shown = rows.filter(({ posterior }, rank) => rank < MAX_ROWS && Math.max(...posterior) >= LEAST_SHOWN);
  const rest = rows.length - shown.length;
  const taskTitle = `${task} at tap`;
  const restTitle = `${String(rest)} other class${rest === 1 ? '' : 'es'}`;
  const titleWidth =
    Math.max(...[taskTitle, restTitle, ...shown.map(({ title }) => title)].map(({ length }) => length)) + 2;
  const columns = Math.max(1, Math.floor((width - titleWidth) / CELL_WIDTH));
  const header = (first: number): string[] =>
    peepholes.slice(first, first + columns).map(({ tap }) => fit(tap, CELL_WIDTH - 2).padEnd(CELL_WIDTH));
  const cells = ({ posterior }: Row, first: number): string =>
    posterior
      .slice(first, first + columns)
      .map((value) => `${shade(value).repeat(SHADE_WIDTH)} ${percent(value).padStart(5)}`.padEnd(CELL_WIDTH))
      .join('')
      .trimEnd();
  const most = Math.max(0, ...rows.slice(shown.length).flatMap(({ posterior }) => posterior));
  const most100 = Math.max(1, Math.ceil(100 * most));
  // Taps that the screen has no room for go below the others.
  const blocks = Array.from({ length: Math.ceil(peepholes.length / columns) }, (_, index) => index * columns);
  return [
    ...blocks.flatMap((first) => [
      paint('faint', `${taskTitle.padEnd(titleWidth)}${header(first).join('')}`.trimEnd()),
      ...shown.map(
        (row, rank) =>
          `${row.title.padEnd(titleWidth)}${rank === 0 ? paint('strong', cells(row, first)) : cells(row, first)}`,
      ),
    ]),
    ...(rest > 0
      ? [paint('faint', `${restTitle.padEnd(titleWidth)}${' '.repeat(SHADE_WIDTH)} ≤ ${String(most100)} %`)]
      : []),
  ];
};

/** Lines of at most `look.width` columns; a block for each task. */
export const renderConceptogram = (mission: Mission, peepholes: readonly Peephole[], look: Look): readonly string[] => {
  const tasks = [...new Set(peepholes.map(({ task }) => task))];
  return tasks.flatMap((task) =>
    blockOf(
      mission,
      task,
      peepholes.filter((peephole) => peephole.task === task),
      look,
    ),
  );
};
