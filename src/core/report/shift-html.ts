/** The report of a shift as one page to print: no script, nothing loaded from anywhere. */
import type { ShiftReport } from '../../domain/shift-report';
import { html, type Markup } from '../markup';
import { CLOCKS, shiftSections, shiftTitle, type ShiftTable } from './shift-text';

/** Whoever serves the page names its hash in the content security policy. */
export const SHIFT_STYLE = `
:root{color-scheme:light dark}
body{font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;margin:0 auto;max-width:1000px;padding:24px 16px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:22px 0 4px}
p{margin:0 0 8px;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
th{text-align:left;font-weight:600}
th,td{border-bottom:1px solid #8b98a7;padding:4px 10px 4px 0;vertical-align:top;overflow-wrap:anywhere;white-space:pre-line}
@media print{body{max-width:none;padding:0}section{break-inside:avoid-page}.scroll{overflow:visible}}
`;

const cells = (items: readonly string[]): readonly Markup[] => items.map((item) => html`<td>${item}</td>`);

const tableOf = (title: string, { columns, rows }: ShiftTable): Markup | undefined =>
  rows.length === 0
    ? undefined
    : html`<div class="scroll" tabindex="0" role="region" aria-label="${title}">
        <table>
          <thead>
            <tr>
              ${columns.map((name) => html`<th scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row) =>
                html`<tr>
                  ${cells(row)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;

export const shiftHtml = (report: ShiftReport): string => {
  const sections = shiftSections(report).map(
    ({ title, lines, table }) =>
      html`<section>
        <h2>${title}</h2>
        ${lines.map((line) => html`<p>${line}</p>`)} ${table === undefined ? undefined : tableOf(title, table)}
      </section>`,
  );
  const style: Markup = { markup: SHIFT_STYLE };
  return `${
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${shiftTitle(report)}</title>
          <style>
            ${style}
          </style>
        </head>
        <body>
          <main>
            <h1>${shiftTitle(report)}</h1>
            <p>${CLOCKS}</p>
            ${sections}
          </main>
        </body>
      </html>`.markup
  }\n`;
};
