/** How much of each fault the threshold lets through: share of the windows inside its labels. */
import { drawing, html, nameWidth, percentText, shortName, type Markup } from '../../core/markup';
import type { ReportModel } from './report-model';

const PLOT = 190;
const BAR = 11;

export const detectionBars = (models: readonly ReportModel[], titleOf: (id: string) => string): Markup => {
  const faults = models[0]?.evaluation.windows.byFault ?? [];
  if (faults.length === 0) return html`<p class="soft">No window lies inside a label that names a fault.</p>`;
  const left = nameWidth(faults.map(({ fault }) => titleOf(fault)));
  const row = models.length * (BAR + 3) + 12;
  const rows = faults.map(({ fault, windows }, index) => {
    const top = 6 + index * row;
    const bars = models.map(({ evaluation }, at) => {
      const rate = evaluation.windows.byFault.find((item) => item.fault === fault)?.detectionRate ?? 0;
      const y = top + at * (BAR + 3);
      const series = at === 0 ? 'a' : 'b';
      return html`<rect class="soft-${series}" x="${left}" y="${y}" width="${PLOT}" height="${BAR}" rx="2" /><rect
          class="fill-${series}"
          x="${left}"
          y="${y}"
          width="${PLOT * rate}"
          height="${BAR}"
          rx="2"
        />
        <text class="ink" x="${left + PLOT + 8}" y="${y + BAR - 1}">${percentText(rate)}</text>`;
    });
    const middle = top + (models.length * (BAR + 3) - 3) / 2 + 4;
    return html`<g
      ><title>${titleOf(fault)}: ${String(windows)} windows</title
      ><text class="end ink" x="${left - 8}" y="${middle}">${shortName(titleOf(fault))}</text>${bars}</g
    >`;
  });
  return drawing(left + PLOT + 60, 6 + faults.length * row, 'Detection rate by fault', rows);
};
