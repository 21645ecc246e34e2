/** What `fdir shadow report` shows. */
import type { ShadowReport } from '../../domain/shadow';

const row = (name: string, value: string): string => `  ${name.padEnd(28)}${value}`;

const share = (count: number, of: number): string =>
  `${String(count).padStart(8)}${of === 0 ? '' : `  ${((100 * count) / of).toFixed(2).padStart(6)} %`}`;

const said = ({ score, equipment, fault }: ShadowReport['differences'][number]['live']): string =>
  `${score.toPrecision(4)} ${equipment} ${fault}`;

export const renderShadow = (report: ShadowReport): readonly string[] => {
  const { live, shadow, from, to, compared, skipped, failed, trouble, differences } = report;
  const span = from === null || to === null ? 'no window yet' : `${from} to ${to}`;
  return [
    `live ${live.id} (${live.sha256.slice(0, 12)}), shadow ${shadow.id} (${shadow.sha256.slice(0, 12)})`,
    row('packet time', span),
    row('windows compared', share(compared, 0)),
    row('  neither above threshold', share(report.neither, compared)),
    row('  both', share(report.both, compared)),
    row('    of these, other verdict', share(report.otherVerdict, compared)),
    row('  only the live one', share(report.onlyLive, compared)),
    row('  only the shadow', share(report.onlyShadow, compared)),
    row('left out, it was behind', share(skipped, 0)),
    row('failed', share(failed, 0)),
    ...(trouble === null ? [] : [row('why it last failed', trouble)]),
    ...(differences.length === 0 ? [] : ['', 'newest windows on which they differ (score, equipment, fault)']),
    ...differences.map((item) => `  ${item.time}  live ${said(item.live)}; shadow ${said(item.shadow)}`),
  ];
};
