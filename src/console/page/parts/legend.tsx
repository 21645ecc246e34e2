/** What the symbols mean, and which severities they stand for: the one table that the code uses. */
import { ASTRO_LOOK, astroStatuses, SEVERITY_TABLE } from '../../../core/alarms/severity-status';
import { Status } from './basic';

export const Legend = () => (
  <table class="legend">
    <caption>
      Symbols are those of Astro UX; severities are those of PUS events and XTCE alarms. Red is only what is to be done
      now.
    </caption>
    <thead>
      <tr>
        <th scope="col">Symbol</th>
        <th scope="col">Means</th>
        <th scope="col">PUS</th>
        <th scope="col">XTCE</th>
      </tr>
    </thead>
    <tbody>
      {astroStatuses.map((status) => {
        const rows = SEVERITY_TABLE.filter((row) => row.status === status);
        return (
          <tr key={status}>
            <th scope="row">
              <Status status={status}>{status}</Status>
            </th>
            <td>{ASTRO_LOOK[status].means}</td>
            <td>{rows[0]?.pus ?? '–'}</td>
            <td>{rows.length === 0 ? '–' : rows.map(({ xtce }) => xtce.toLowerCase()).join(', ')}</td>
          </tr>
        );
      })}
    </tbody>
  </table>
);
