/** `fdir log show ID --html`: one anomaly on one page, no script, nothing loaded from anywhere. */
import type { LoggedAccount } from '../../adapters/log/log-reader';
import type { Explanation, Peephole } from '../../domain/explanation';
import { stretchOf } from '../../core/anomaly/surroundings';
import type { Mission } from '../../domain/mission';
import { headline, describeRequest } from '../render/account';
import { classTitle, listed, shortParameter } from '../render/text';
import { drawing, durationText, html, percentText, type Markup } from '../../core/markup';
import { commandTable, plots } from './anomaly-plots';
import { STYLE } from './theme';

/** Classes less likely than this are summed up. */
const LEAST_SHOWN = 0.01;

const section = (title: string, what: string, content: Markup): Markup =>
  html`<section>
    <h2>${title}</h2>
    <p class="soft">${what}</p>
    ${content}
  </section>`;

const barRow = (name: string, share: number, right: string): Markup =>
  html`<tr>
    <td class="named">${name}</td>
    <td style="width:60%">
      ${drawing(300, 12, `${name} ${percentText(share, 0)}`, html`<rect class="fill-a" x="0" y="1" width="${Math.max(1, share * 300)}" height="10" rx="2" />`)}
    </td>
    <td class="number">${right}</td>
  </tr>`;

const attributionTable = (mission: Mission, { attribution }: Explanation): Markup =>
  html`<table>
    <tbody>
      ${attribution.map(({ parameter, share, deviation, direction }) =>
        barRow(
          shortParameter(mission, parameter),
          share,
          `${percentText(share, 0)}, ${direction === 'high' ? '▲' : '▼'} ${String(Math.abs(deviation))} σ`,
        ),
      )}
    </tbody>
  </table>`;

const peephole = (mission: Mission, { tap, task, classes, posterior }: Peephole): Markup => {
  const ranked = classes
    .map((name, index) => ({ name, share: posterior[index] ?? 0 }))
    .sort((a, b) => b.share - a.share);
  const shown = ranked.filter(({ share }, index) => share >= LEAST_SHOWN || index === 0);
  const rest = ranked.length - shown.length;
  return html`<div>
    <h3>${task} at tap ${tap}</h3>
    <table>
      <tbody>
        ${shown.map(({ name, share }) => barRow(classTitle(mission, name), share, percentText(share, 0)))}
      </tbody>
    </table>
    ${rest === 0 ? html`` : html`<p class="soft">${String(rest)} other classes at most 1 % each</p>`}
  </div>`;
};

const recoveries = (account: LoggedAccount): Markup =>
  account.recoveries.length === 0
    ? html`<p class="soft">No rule asked for a recovery.</p>`
    : html`${account.recoveries.map(
        ({ recovery, steps }) =>
          html`<h3>${recovery.rule}: ${recovery.state}</h3>
            <p class="mono">${recovery.steps.map(({ request }) => describeRequest(request)).join('; then ')}</p>
            <p class="soft">
              ${recovery.steps[recovery.step]?.request.because ?? ''} Authority:
              ${recovery.grant.granted}${recovery.grant.asked === recovery.grant.granted ? '' : ` instead of ${recovery.grant.asked} (${recovery.grant.reason})`}.
            </p>
            <div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th>Decided on</th>
                    <th>Value</th>
                    <th>Truth</th>
                  </tr>
                </thead>
                <tbody>
                  ${(recovery.steps[recovery.step]?.request.trace ?? []).map(
                    ({ condition, actual, holds, truth }) =>
                      html`<tr>
                        <td class="mono">${condition}</td>
                        <td class="mono">${String(actual)}</td>
                        <td>${truth ?? (holds ? 'true' : 'false')}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
            <div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th>When</th>
                    <th>Step</th>
                    <th>State</th>
                    <th>By</th>
                    <th>Note</th>
                  </tr>
                </thead>
                <tbody>
                  ${steps.map(
                    ({ time, step, from, to, by, note }) =>
                      html`<tr>
                        <td class="number">${time}</td>
                        <td>${String(step + 1)}</td>
                        <td>${from === null ? to : `${from} → ${to}`}</td>
                        <td>${by}</td>
                        <td>${note}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`,
      )}`;

export const anomalyPage = (mission: Mission, account: LoggedAccount): string => {
  const record = account.revisions.at(-1);
  if (record === undefined) return '';
  const { verdict, start, end, detectedAt, score, sufficient, model, rules } = record;
  const span =
    end === null
      ? `since ${start}, still open`
      : `${start} to ${end} (${durationText(Date.parse(end) - Date.parse(start))})`;
  const others = verdict.alternatives.map(
    ({ equipment, fault, confidence }) => `${equipment} ${classTitle(mission, fault)} ${percentText(confidence, 0)}`,
  );
  const possible = verdict.set?.map(({ equipment, fault }) => `${equipment} ${classTitle(mission, fault)}`);
  const setText =
    possible === undefined
      ? ''
      : possible.length === 0
        ? 'none of the known faults'
        : `${possible.length === 1 ? '' : 'one of '}${possible.join(', ')}`;
  const without =
    sufficient.length === 0
      ? 'No small set of parameters in the worst window explains it: too many differ, or what shows it lies before.'
      : `With ${listed(sufficient.map((id) => shortParameter(mission, id)))} as expected, nothing would have been wrong.`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${headline(mission, record)}, ${start}</title>
        <style>
          ${{ markup: STYLE }}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${headline(mission, record)}</h1>
            <p class="soft">${record.spacecraft}, ${span}; detected ${detectedAt}</p>
            <p>${record.sentence}</p>
            <p class="soft">
              Confidence
              ${percentText(verdict.confidence, 0)}${others.length === 0 ? '' : `; else ${others.join(', ')}`}.
              ${setText === '' ? '' : `In nine of ten such cases it is ${setText}.`} Worst window: score
              ${String(score.value)}, threshold ${String(score.threshold)}, p-value ${String(score.pValue)}. ${without}
            </p>
          </header>
          ${section('Measured against expected', `Before, during and after, as it was kept; the score is about the worst window, ${record.freezeFrame.from} to ${record.freezeFrame.to}.`, html`${plots(mission, record, stretchOf(account.revisions))}${commandTable(record)}`)}
          <div class="columns">
            ${section('What carries it', 'Share of the score, and the largest deviation in nominal standard deviations.', attributionTable(mission, record))}
            ${section('Peepholes', 'Posterior of each task, mean over the windows of the anomaly.', html`${record.conceptogram.map((item) => peephole(mission, item))}`)}
          </div>
          ${section('What the rules made of it', 'Which conditions had which value, what was commanded, and how it ended.', recoveries(account))}
          ${section(
            'How it went on',
            'Every revision of the record.',
            html`<div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th>Revision</th>
                    <th>When</th>
                    <th>Why</th>
                    <th>Verdict</th>
                    <th>Score</th>
                  </tr>
                </thead>
                <tbody>
                  ${account.revisions.map(
                    (item) =>
                      html`<tr>
                        <td>${String(item.revision)}</td>
                        <td class="number">${item.revisedAt}</td>
                        <td>${item.trigger}</td>
                        <td>
                          ${item.verdict.equipment} ${classTitle(mission, item.verdict.fault)}
                          ${percentText(item.verdict.confidence, 0)}
                        </td>
                        <td class="number">${String(item.score.value)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`,
          )}
          ${account.verdicts.length === 0 ? html`` : section('What people say of it', 'Newest first.', html`${account.verdicts.map(({ time, by, verdict: said, comment }) => html`<p>${time} ${by}: <b>${said}</b> ${comment}</p>`)}`)}
          <footer>
            ${record.id}, revision ${String(record.revision)}; model ${model.id} ${model.sha256.slice(0, 12)}, rules
            ${rules.sha256.slice(0, 12)}
          </footer>
        </main>
      </body>
    </html>`;
  return page.markup;
};
