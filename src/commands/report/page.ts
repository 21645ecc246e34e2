/** The page of `fdir evaluate --report`: one file, no script, nothing loaded from anywhere. */
import { equipmentTitle } from '../../domain/mission';
import { isoTime } from '../../domain/units';
import { conceptograms } from './conceptograms';
import { reliabilityDiagram, rocDiagram } from './curves';
import { detectionBars } from './detection-bars';
import { eventTables } from './events-table';
import { groupBars } from './group-bars';
import { headline } from './headline';
import { heatMap } from './heat-map';
import { durationText, html, numberOr, percentText, type Markup } from '../../core/markup';
import type { EvaluationReport, ReportModel } from './report-model';
import { scoreStrips } from './strips';
import { STYLE } from './theme';
import { timeline } from './timeline';

const chip = ({ evaluation }: ReportModel, index: number): Markup =>
  html`<span class="chip ${index === 0 ? 'a' : 'b'}">${evaluation.model.id}</span>`;

/** One drawing a package, side by side; the chip says which, when there are two. */
const sideBySide = (models: readonly ReportModel[], draw: (model: ReportModel, index: number) => Markup): Markup =>
  models.length === 1
    ? html`${models.map(draw)}`
    : html`<div class="inner">
        ${models.map(
          (model, index) =>
            html`<div>
              <p>${chip(model, index)}</p>
              ${draw(model, index)}
            </div>`,
        )}
      </div>`;

const section = (title: string, what: string, content: Markup): Markup =>
  html`<section>
    <h2>${title}</h2>
    <p class="soft">${what}</p>
    ${content}
  </section>`;

const thresholdText = ({ evaluation: { threshold } }: ReportModel): string =>
  threshold.falsePositiveRate === null
    ? `${threshold.value.toPrecision(4)}, the package's own`
    : `${threshold.value.toPrecision(4)}, for ${percentText(threshold.falsePositiveRate)} of the nominal windows of ${threshold.source}`;

const about = ({ mission, pass, mode, models }: EvaluationReport): Markup => {
  const [from, to] = [pass.times[0] ?? 0, pass.times.at(-1) ?? 0];
  const packages = models.map((model, index) => {
    const { id, method, detector, sha256 } = model.evaluation.model;
    return html`<div>
      ${chip(model, index)} ${index === 0 ? 'package' : 'baseline'} <b>${id}</b>, method ${method}, detector
      ${detector}, <span class="mono">${sha256.slice(0, 12)}</span>; threshold ${thresholdText(model)}
    </div>`;
  });
  const names = models.map(({ evaluation }) => evaluation.model.id).join(' and ');
  return html`<header>
    <h1>${mission.title ?? mission.spacecraft}: ${names} on ${pass.file.split('/').at(-1)}</h1>
    <p class="soft">
      ${isoTime(from)} to ${isoTime(to)} (${durationText(to - from)}), ${String(pass.times.length)} frames every
      ${String(mission.sampling.periodMs / 1000)} s, ${String(models[0]?.evaluation.windows.n ?? 0)}
      ${mode === 'stream' ? 'overlapping windows' : 'independent windows'} of ${String(mission.sampling.window)} frames,
      ${String(pass.labels.length)} labels.
    </p>
    <div class="soft">${packages}</div>
  </header>`;
};

const scores = (report: EvaluationReport, faultTitle: (id: string) => string): Markup => {
  const { models } = report;
  if (report.mode === 'independent') {
    return section(
      'Scores',
      'Each dot is a window; right, the share at or above the threshold. The axis is linear around the threshold and logarithmic above.',
      sideBySide(models, (model, index) => scoreStrips(model, index, models.length === 1 ? 1160 : 580, faultTitle)),
    );
  }
  const legend = html`<div class="legend">
    <span><i style="background:var(--label)"></i>labelled fault, numbered as in the table</span
    ><span><i style="border:1.5px solid var(--bad)"></i>labelled and missed</span>
    <span><i style="background:var(--good)"></i>anomaly</span
    ><span><i style="background:var(--bad)"></i>false anomaly</span
    ><span><i style="height:0;border-top:2px dashed var(--bad);vertical-align:3px"></i>threshold</span>
  </div>`;
  const rows = models.map(
    (model, index) =>
      html`${models.length > 1 ? html`<p style="margin-top:12px">${chip(model, index)}</p>` : undefined}${timeline(report, model, index)}`,
  );
  return section(
    'Score over time',
    'Labels above, the anomalies that were opened below. The axis is linear around the threshold and logarithmic above; of windows that share a pixel the highest and the lowest are drawn.',
    html`${legend}${rows}`,
  );
};

const notes = html`<details>
  <summary>How these figures are made</summary>
  <p>
    A window is anomalous when any of its frames is labelled, nominal when none is. Equipment and fault are judged on
    windows at or above the threshold that lie wholly inside one label, against names the model knows; windows of other
    faults ought to be called unknown and are left out of the matrix. Matrices are normalised by row; balanced accuracy
    is the mean of the diagonal, an unknown verdict counts as wrong.
  </p>
  <p>
    Of independent windows, each consecutive block of one window is a case; blocks labelled in part are left out. The
    reliability diagram takes verdicts that name a fault: right means that equipment and fault both are. Events:
    precision = found / (found + false), times the share of nominal instants outside all anomalies (ESA-ADB, Kotowski et
    al. 2024); F0.5 weighs precision twice as much as recall.
  </p>
  <p>
    A conceptogram shows the mean posterior of each tap over the detected windows of a fault; of a tap that the
    equipments share, the row of the equipment at fault and the mean of the others are shown apart.
  </p>
</details>`;

export const writeReport = (report: EvaluationReport): string => {
  const { mission, models } = report;
  const faultTitle = (id: string): string => mission.faults?.find((fault) => fault.id === id)?.title ?? id;
  const nameOf = (id: string): string => (id === '' || id === 'unknown' ? id : equipmentTitle(mission, id));
  const matrices = [
    section(
      'Which equipment',
      'Rows are the truth and its windows, columns the verdict; per cent of the row.',
      sideBySide(models, ({ evaluation }) => heatMap(evaluation.isolation, 'equipment', nameOf)),
    ),
    section(
      'Which fault',
      'Blue is right, orange is taken for another, grey is an honest “unknown”.',
      sideBySide(models, ({ evaluation }) => heatMap(evaluation.identification, 'fault', faultTitle)),
    ),
  ];
  const reliability = section(
    'Reliability',
    'Equipment and fault both right, over the confidence that was stated.',
    sideBySide(models, ({ evaluation }, index) => reliabilityDiagram(evaluation.calibration, index)),
  );
  const roc = section(
    'ROC',
    'Ranking of windows; the dot is the operating point.',
    html`${rocDiagram(models)}
      <div class="legend">
        ${models.map((model, index) => html`<span><i style="background:var(--${index === 0 ? 'a' : 'b'})"></i>${model.evaluation.model.id}: area ${numberOr(model.evaluation.windows.auc, 4)}</span>`)}
      </div>`,
  );
  const bars = section(
    'Detected by fault',
    'Share of the windows inside its labels.',
    detectionBars(models, faultTitle),
  );
  const concepts = section(
    'Mean conceptogram of each fault',
    'What the detected windows of a fault light up at the taps; per cent of the posterior.',
    conceptograms(models, faultTitle),
  );
  const titles = { equipment: nameOf, fault: faultTitle };
  const groups = section(
    'Faults and units',
    'Events, one by one: a mean hides the kind that is never found.',
    sideBySide(models, ({ evaluation }) => groupBars(evaluation, titles)),
  );
  const body = html`<main>
    ${about(report)}${headline(models.map(({ evaluation }) => evaluation))} ${scores(report, faultTitle)}
    ${models.length === 1 ? html`<div class="columns">${matrices}</div>` : matrices}
    ${
      models.length === 1
        ? html`<div class="thirds">${[roc, reliability, bars]}</div>`
        : html`<div class="columns">${[roc, bars]}</div>
            ${reliability}`
    }
    ${concepts} ${report.mode === 'stream' ? html`${groups}${eventTables(report, titles)}` : undefined} ${notes}
    <footer>Written by fdir evaluate.</footer>
  </main>`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${mission.spacecraft}: evaluation of ${models[0]?.evaluation.model.id}</title>
        <style>
          ${{ markup: STYLE }}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `;
  return page.markup;
};
