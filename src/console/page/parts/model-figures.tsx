/** How good the model is, as the package says: what each class is found with, false alarms, and what a confidence is worth. */
import type { ModelView } from '../../api/model';
import type { ReliabilityBin } from '../../../domain/reliability';
import { Bar } from '../charts/bar';
import { qualityTables, type ClassRow, type FalseAlarms, type FigureGroup, type HeadRow } from '../quality';
import { figure, spoken } from '../words';
import { Empty, Section, Status, TableFrame } from './basic';

const share = (value: number | null): string =>
  value === null ? '–' : `${String(Math.round(value * 1000) / 10)}\u00a0%`;

const Warnings = ({ texts }: { texts: readonly string[] }) => (
  <Section title="What it does not promise">
    <ul role="alert" class="warnings">
      {texts.map((text) => (
        <li key={text}>
          <Status status="serious">Warning</Status> {text}
        </li>
      ))}
    </ul>
  </Section>
);

const Classes = ({ rows }: { rows: readonly ClassRow[] }) => (
  <Section title="What it finds">
    <TableFrame label="Sensitivity of each class">
      <table class="figures">
        <caption>Share of windows with this fault that reach the threshold, over cases made for calibration</caption>
        <thead>
          <tr>
            <th scope="col">Fault</th>
            <th scope="col">Found</th>
            <th scope="col">Cases</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cases, sensitivity }) => (
            <tr key={name}>
              <th scope="row">{spoken(name)}</th>
              <td class="bar-cell">
                {sensitivity !== null && <Bar share={sensitivity} />} {share(sensitivity)}
              </td>
              <td class="number">{cases?.toLocaleString('en-GB') ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  </Section>
);

const Alarms = ({ asked, found }: { asked: number; found: FalseAlarms }) => {
  const most = Math.max(asked, found.seen, found.range?.[1] ?? 0, Number.MIN_VALUE);
  const rows: readonly (readonly [name: string, perDay: number, more: string])[] = [
    ['Asked for, at most', asked, ''],
    [
      'Seen on nominal recordings',
      found.seen,
      found.openings === null || found.days === null ? '' : `${figure(found.openings)} in ${figure(found.days)} days`,
    ],
    ...(found.range === null
      ? []
      : ([
          ['To be expected, at least', found.range[0], '95 % range'],
          ['To be expected, at most', found.range[1], '95 % range'],
        ] as const)),
  ];
  return (
    <Section title="False alarms">
      <TableFrame label="False alarms asked and seen">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">False alarms</th>
              <th scope="col">A day</th>
              <th scope="col">Counted</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, perDay, more]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="bar-cell">
                  <Bar share={perDay / most} /> {figure(perDay)}
                </td>
                <td>{more}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Section>
  );
};

const Heads = ({ rows }: { rows: readonly HeadRow[] }) => (
  <Section title="What a confidence is worth">
    <TableFrame label="Reliability of each head">
      <table class="figures">
        <caption>
          On cases kept back from the fit. The error is the mean distance between the confidence and the share of right
          verdicts.
        </caption>
        <thead>
          <tr>
            <th scope="col">Head</th>
            <th scope="col">Right</th>
            <th scope="col">Error before</th>
            <th scope="col">Error after calibration</th>
            <th scope="col">Unknown</th>
            <th scope="col">Cases</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{spoken(row.name)}</th>
              <td class="bar-cell">
                {row.accuracy !== null && <Bar share={row.accuracy} />} {share(row.accuracy)}
              </td>
              <td class="number">{share(row.errorBefore)}</td>
              <td class="number">{share(row.errorAfter)}</td>
              <td class="number">{share(row.unknownRate)}</td>
              <td class="number">{row.cases.toLocaleString('en-GB')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  </Section>
);

const Reliability = ({ bins }: { bins: readonly ReliabilityBin[] }) => (
  <Section title="Stated and right">
    <TableFrame label="Share of right verdicts by stated confidence">
      <table class="figures">
        <caption>Of verdicts with such a confidence, how many were right in calibration</caption>
        <thead>
          <tr>
            <th scope="col">Stated confidence</th>
            <th scope="col">Right</th>
            <th scope="col">Verdicts</th>
          </tr>
        </thead>
        <tbody>
          {bins.map(({ from, to, n, right }) => (
            <tr key={from}>
              <th scope="row">
                {share(from)} to {share(to)}
              </th>
              <td class="bar-cell">
                <Bar share={right / n} /> {share(right / n)}
              </td>
              <td class="number">{n.toLocaleString('en-GB')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  </Section>
);

/** `calibrationCases` as a person says it. */
const words = (name: string): string => spoken(name.replaceAll(/([a-z])([A-Z])/g, '$1 $2')).toLowerCase();

const Others = ({ groups }: { groups: readonly { readonly name: string; readonly rows: FigureGroup }[] }) => (
  <Section title="Other figures">
    {groups.map(({ name, rows }) => (
      <div key={name} class="figure-group">
        {name !== '' && <h3>{words(name)}</h3>}
        <dl class="facts">
          {rows.map(([key, value]) => (
            <div key={key}>
              <dt>{words(key)}</dt>
              <dd>{figure(value)}</dd>
            </div>
          ))}
        </dl>
      </div>
    ))}
  </Section>
);

export const ModelFigures = ({ model: { quality, threshold } }: { model: ModelView }) => {
  const { warnings, classes, heads, falseAlarms, reliability, others } = qualityTables(quality);
  if (classes.length + heads.length + others.length === 0 && falseAlarms === null)
    return (
      <Section title="Figures">
        <Empty>The package has no figures; fdir fit writes them.</Empty>
      </Section>
    );
  return (
    <>
      {warnings.length > 0 && <Warnings texts={warnings} />}
      {classes.length > 0 && <Classes rows={classes} />}
      {falseAlarms !== null && <Alarms asked={threshold.falseAlarmsPerDay} found={falseAlarms} />}
      {heads.length > 0 && <Heads rows={heads} />}
      {reliability.length > 0 && <Reliability bins={reliability} />}
      {others.length > 0 && <Others groups={others} />}
    </>
  );
};
