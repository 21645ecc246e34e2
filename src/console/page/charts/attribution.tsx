/** Which parameters carry the evidence, how much of it, and in which direction they deviate. */
import type { Attribution } from '../../../domain/explanation';
import { TableFrame, Time } from '../parts/basic';
import { figure, percent, signed } from '../words';

export const AttributionBars = ({
  rows,
  sufficient,
}: {
  rows: readonly Attribution[];
  sufficient: readonly string[];
}) => (
  <>
    <TableFrame label="Attribution">
      <table class="attribution">
        <thead>
          <tr>
            <th scope="col">Parameter</th>
            <th scope="col">Share of the evidence</th>
            <th scope="col">Deviation</th>
            <th scope="col">Measured</th>
            <th scope="col">Expected</th>
            <th scope="col">Peak</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.parameter}>
              <th scope="row">
                <code>{row.parameter}</code>
              </th>
              <td class="bar-cell">
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect class={`bar-${row.direction}`} x={0} y={1} width={row.share * 100} height={8} />
                </svg>
                <span>{percent(row.share)}</span>
              </td>
              <td class={`direction-${row.direction}`}>
                <span aria-hidden="true">{row.direction === 'high' ? '▲' : '▼'}</span> {signed(row.deviation)} σ{' '}
                {row.direction}
              </td>
              <td>{figure(row.measured)}</td>
              <td>{figure(row.expected)}</td>
              <td>
                <Time at={row.peakAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
    <p class="note">
      {sufficient.length === 0 ? (
        'No small set of parameters clears the score by itself.'
      ) : (
        <>
          Had{' '}
          {sufficient.map((name, index) => (
            <span key={name}>
              {index > 0 && ' and '}
              <code>{name}</code>
            </span>
          ))}{' '}
          been as expected, there would be no anomaly.
        </>
      )}
    </p>
  </>
);
