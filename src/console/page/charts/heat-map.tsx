/** A conceptogram: the posterior of every class at every tap. Figures stand in the cells; colour only helps to find them. */
import type { Peephole } from '../../../domain/explanation';
import { TableFrame } from '../parts/basic';
import { spoken } from '../words';

const step = (posterior: number): number => Math.min(9, Math.floor(posterior * 10));

const groupsOf = (rows: readonly Peephole[]): ReadonlyMap<string, readonly Peephole[]> => {
  const groups = new Map<string, Peephole[]>();
  for (const row of rows) {
    const key = `${row.task}\n${row.classes.join('\n')}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
};

export const Conceptogram = ({ rows }: { rows: readonly Peephole[] }) => (
  <>
    {[...groupsOf(rows)].map(([key, group]) => {
      const [first] = group;
      if (first === undefined) return null;
      return (
        <TableFrame key={key} label={`Conceptogram: ${first.task}`}>
          <table class="heat-map">
            <caption>
              Which {first.task}, at each tap of the detector: probability in percent, the likeliest marked with ▸
            </caption>
            <thead>
              <tr>
                <th scope="col">Tap</th>
                {first.classes.map((name) => (
                  <th scope="col" key={name}>
                    <span class="class-name">{spoken(name)}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {group.map((row) => {
                const best = row.posterior.indexOf(Math.max(...row.posterior));
                return (
                  <tr key={row.tap}>
                    <th scope="row">
                      <code>{row.tap}</code>
                    </th>
                    {row.posterior.map((value, index) => (
                      <td key={row.classes[index]} class={`heat heat-${String(step(value))}`}>
                        {index === best && <span class="likeliest">▸</span>}
                        {value < 0.005 ? '·' : Math.round(value * 100)}
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </TableFrame>
      );
    })}
  </>
);
