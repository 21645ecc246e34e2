/** Every labelled event and every false anomaly, one line each. */
import { isoTime } from '../../domain/units';
import { durationText, html, type Markup } from '../../core/markup';
import type { EvaluationReport, ReportModel } from './report-model';

/** A page of thousands of events is read by nobody. */
const MAX_ROWS = 400;

const clock = (time: number): string => isoTime(time).replace('T', ' ').replace('Z', '');

interface Titles {
  readonly equipment: (id: string) => string;
  readonly fault: (id: string) => string;
}

const verdictOf = ({ anomalies, matches }: ReportModel, event: number, titles: Titles): Markup => {
  const match = matches[event];
  const first = anomalies[match?.anomalies[0] ?? -1];
  if (match === undefined || first === undefined)
    return html`<td><span class="chip bad">missed</span></td>
      <td></td>
      <td></td>`;
  const more = match.anomalies.length - 1;
  const all = match.anomalies.flatMap((at) => anomalies[at] ?? []);
  return html`<td>
      <span class="chip good">found</span>${more > 0 ? html` <span class="soft">+${String(more)}</span>` : undefined}
    </td>
    <td class="number">${match.delayMs === undefined ? 'already under alarm' : durationText(match.delayMs)}</td>
    <td>
      ${all.map(
        ({ anomaly: { verdict }, sentence }) =>
          html`<div>
              ${titles.equipment(verdict.equipment)}, ${titles.fault(verdict.fault)}
              <span class="number">(${String(Math.round(100 * verdict.confidence))} %)</span>
            </div>
            <div class="soft">${sentence}</div>`,
      )}
    </td>`;
};

const labelRows = ({ pass, models }: EvaluationReport, titles: Titles): readonly Markup[] =>
  pass.labels.slice(0, MAX_ROWS).map(
    (label, event) =>
      html`<tr>
        <td class="number soft">${String(event + 1)}</td>
        <td class="named"><b>${titles.equipment(label.equipment)}</b><br />${titles.fault(label.fault)}</td>
        <td class="number">
          ${clock(label.start)}<br /><span class="soft">${durationText(label.end - label.start)}</span>
        </td>
        ${models.map((model) => verdictOf(model, event, titles))}
      </tr>`,
  );

const falseRows = (model: ReportModel, titles: Titles): readonly Markup[] => {
  const matched = new Set(model.matches.flatMap(({ anomalies }) => anomalies));
  return model.anomalies
    .filter((_, index) => !matched.has(index))
    .slice(0, MAX_ROWS)
    .map(
      ({ anomaly: { start, lastHit, verdict }, sentence }) =>
        html`<tr>
          <td><span class="chip bad">false</span></td>
          <td class="number">${clock(start)}<br /><span class="soft">${durationText(lastHit - start)}</span></td>
          <td>
            ${titles.equipment(verdict.equipment)}, ${titles.fault(verdict.fault)}
            (${String(Math.round(100 * verdict.confidence))} %)
            <div class="soft">${sentence}</div>
          </td>
        </tr>`,
    );
};

export const eventTables = (report: EvaluationReport, titles: Titles): Markup => {
  const { models, pass } = report;
  const heads = models.map(
    ({ evaluation }, index) =>
      html`<th><span class="chip ${index === 0 ? 'a' : 'b'}">${evaluation.model.id}</span></th>
        <th>delay</th>
        <th>verdict when closed</th>`,
  );
  const events =
    pass.labels.length === 0
      ? html`<p class="soft">The pass has no labels: every anomaly is false.</p>`
      : html`<div class="scroll">
          <table>
            <thead>
              <tr>
                <th></th>
                <th>labelled</th>
                <th>from, for</th>
                ${heads}
              </tr>
            </thead>
            <tbody>
              ${labelRows(report, titles)}
            </tbody>
          </table>
        </div>`;
  const falseOnes = models.map((model, index) => {
    const rows = falseRows(model, titles);
    const name = html`<h3 style="margin-top:18px">
      False anomalies of <span class="chip ${index === 0 ? 'a' : 'b'}">${model.evaluation.model.id}</span>
    </h3>`;
    return rows.length === 0
      ? html`${name}
          <p class="soft">None.</p>`
      : html`${name}
          <div class="scroll">
            <table>
              <tbody>
                ${rows}
              </tbody>
            </table>
          </div>`;
  });
  return html`<section>
    <h2>Events</h2>
    <p class="soft">
      An event is found when an anomaly overlaps it. Delay counts from its start to the window that opened the first
      anomaly.
    </p>
    ${events}${falseOnes}
  </section>`;
};
