/** What an anomaly looks like on the time axis: measured against expected, and the telecommands around it. */
import { shownCommands } from '../../core/anomaly/sent-commands';
import type { Stretch } from '../../core/anomaly/surroundings';
import { rollsOver } from '../../core/rollover';
import { drawing, html, pathThrough, type Markup } from '../../core/markup';
import type { Attribution, Explanation } from '../../domain/explanation';
import type { Mission } from '../../domain/mission';
import { isoTime } from '../../domain/units';
import { shortParameter, unitsOf } from '../render/text';

const PLOT = { width: 560, height: 150, left: 52, bottom: 22, top: 10 };
const MAX_PLOTS = 6;

const short = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

/** Runs of samples without a hole or a rollover in them: no line is drawn across what is not known, or from 359 back to 0. */
const pieces = (
  values: readonly (number | null)[],
  modulus: number | undefined,
): [index: number, value: number][][] => {
  const all: [number, number][][] = [[]];
  values.forEach((value, index) => {
    if (value === null) all.push([]);
    else if (rollsOver(values[index - 1] ?? NaN, value, modulus)) all.push([[index, value]]);
    else all.at(-1)?.push([index, value]);
  });
  return all.filter(({ length }) => length > 0);
};

const plot = (mission: Mission, record: Explanation, stretch: Stretch, attribution: Attribution): Markup => {
  const { parameter, peakAt } = attribution;
  const { times } = stretch;
  const modulus = mission.parameters.find(({ id }) => id === parameter)?.modulus;
  const measured = stretch.parameters[parameter] ?? [];
  const expected = stretch.expected[parameter] ?? [];
  const all = [...measured, ...expected].filter((value) => value !== null);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 0];
  const { width, height, left, bottom, top } = PLOT;
  const x = (time: number): number =>
    left + Math.min(1, Math.max(0, (time - from) / Math.max(1, to - from))) * (width - left - 8);
  const y = (value: number): number =>
    top + (1 - (high === low ? 0.5 : (value - low) / (high - low))) * (height - top - bottom);
  const path = (values: readonly (number | null)[]): string =>
    pieces(values, modulus)
      .map((piece) => pathThrough(piece.map(([index, value]) => [x(times[index] ?? 0), y(value)])))
      .join(' ');
  const [begun, ended] = [x(Date.parse(record.start)), x(record.end === null ? to : Date.parse(record.end))];
  const [peak, detected] = [x(Date.parse(peakAt)), x(Date.parse(record.detectedAt))];
  const name = shortParameter(mission, parameter);
  const axis = [low, high].map(
    (value) =>
      html`<line class="grid" x1="${left}" x2="${width - 8}" y1="${y(value)}" y2="${y(value)}" /><text
          class="end"
          x="${left - 6}"
          y="${y(value) + 4}"
          >${short(value)}</text
        >`,
  );
  return html`<div>
    <h3>${name}${unitsOf(mission, parameter)}</h3>
    ${drawing(
      width,
      height,
      `${name}: measured against expected`,
      html`<rect
          class="label-band"
          x="${begun}"
          y="${top}"
          width="${Math.max(1, ended - begun)}"
          height="${height - top - bottom}"
        />
        ${axis}<line class="threshold" x1="${peak}" x2="${peak}" y1="${top}" y2="${height - bottom}" />
        <line class="ideal" x1="${detected}" x2="${detected}" y1="${top}" y2="${height - bottom}" />
        ${shownCommands(record.commands, record.start)
          .filter(({ time }) => time >= from && time <= to)
          .map(
            ({ time, text }) =>
              html`<line class="command" x1="${x(time)}" x2="${x(time)}" y1="${top}" y2="${height - bottom}"
                ><title>${text}</title></line
              >`,
          )}
        <path class="b" stroke-width="1.6" stroke-dasharray="5 3" d="${path(expected)}" />
        <path class="a" stroke-width="2" d="${path(measured)}" />
        <text x="${left}" y="${height - 5}">${isoTime(from).slice(11, 19)}</text>
        <text class="end" x="${width - 8}" y="${height - 5}">${isoTime(to).slice(11, 19)}</text>`,
    )}
  </div>`;
};

/** A plot for each of the parameters that carry most of it. */
export const plots = (mission: Mission, record: Explanation, stretch: Stretch): Markup =>
  html`<p class="legend">
      <span><i style="background:var(--a)"></i>measured</span
      ><span><i style="background:var(--b)"></i>expected, as the other parameters imply</span
      ><span><i style="background:var(--bad)"></i>largest deviation</span
      ><span><i style="background:var(--label);opacity:.4"></i>anomaly, dotted line: detected</span>
      ${(record.commands ?? []).length === 0 ? html`` : html`<span><i style="background:var(--faint)"></i>telecommand</span>`}
    </p>
    <div class="inner">
      ${record.attribution.slice(0, MAX_PLOTS).map((item) => plot(mission, record, stretch, item))}
    </div>`;

/** Telecommands around the anomaly; none: no table. */
export const commandTable = ({ commands, start }: Explanation): Markup =>
  (commands ?? []).length === 0
    ? html``
    : html`<div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Telecommand</th>
              <th>When (UTC)</th>
              <th>Place</th>
            </tr>
          </thead>
          <tbody>
            ${shownCommands(commands, start).map(
              ({ time, text, place }) =>
                html`<tr>
                  <td class="mono">${text}</td>
                  <td>${isoTime(time)}</td>
                  <td>${place}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
