/** What happened, on the same time axis as the strips: modes, commands, alarms, recoveries and anomalies, a row each. */
import type { ComponentChildren } from 'preact';
import { severityOf } from '../../../core/alarms/severity-status';
import type { Timeline } from '../../api/history';
import type { LiveRange } from '../live-series';
import { hrefTo } from '../route';
import { byDayOfYear, clockOf } from '../time';
import { percent, RECOVERY, spoken } from '../words';

interface Item {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly href: string | null;
  readonly kind: string;
}

const Row = ({ name, items, range }: { name: string; items: readonly Item[]; range: LiveRange }) => {
  const share = (time: number): number => 100 * Math.min(1, Math.max(0, (time - range.from) / (range.to - range.from)));
  const shown = items.filter(({ from, to }) => from <= range.to && to >= range.from);
  return (
    <div class="timeline-row">
      <span class="timeline-name">
        {name} <span class="quiet">{shown.length === 0 ? 'none' : shown.length}</span>
      </span>
      <div class="timeline-track" role="group" aria-label={name}>
        {shown.map(({ key, from, to, label, href, kind }) => {
          const style = { left: `${String(share(from))}%`, width: `${String(share(to) - share(from))}%` };
          const told = `${label}, ${byDayOfYear(from)}`;
          const inside: ComponentChildren = <span>{label}</span>;
          return href === null ? (
            <span key={key} class={`span span-${kind}`} style={style} title={told}>
              {inside}
            </span>
          ) : (
            <a key={key} class={`span span-${kind}`} style={style} title={told} href={href}>
              {inside}
            </a>
          );
        })}
      </div>
    </div>
  );
};

const time = (text: string): number => Date.parse(text);

const rowsOf = (timeline: Timeline, range: LiveRange): readonly (readonly [name: string, items: readonly Item[]])[] => {
  const end = (to: string | null): number => (to === null ? range.to : time(to));
  return [
    [
      'Mode',
      range.modes.map(({ from, to, mode }) => ({
        ...{ key: `${from} ${mode}`, from: time(from), to: time(to), label: mode, href: null, kind: 'mode' },
      })),
    ],
    [
      'Commands',
      timeline.commands.map((item, index) => ({
        ...{ key: `${item.time} ${String(index)}`, from: time(item.time), to: time(item.time), kind: 'command' },
        label: `${item.name} ${item.arguments}`.trim(),
        href: null,
      })),
    ],
    [
      'Alarms',
      timeline.alarms.map(({ name, severity, from, to }) => ({
        ...{
          key: `${name} ${from}`,
          from: time(from),
          to: end(to),
          label: name,
          href: null,
          kind: to === null ? `status-${severityOf(severity).status}` : 'over',
        },
      })),
    ],
    [
      'Recoveries',
      timeline.recoveries.map(({ id, title, state, from, to }) => ({
        ...{ key: id, from: time(from), to: end(to), href: hrefTo('actions', id), kind: 'recovery' },
        label: `${title}: ${RECOVERY[state] ?? state}`,
      })),
    ],
    [
      'Anomalies',
      timeline.anomalies.map(({ id, equipment, fault, confidence, from, to }) => ({
        ...{ key: id, from: time(from), to: end(to), href: hrefTo('anomalies', id), kind: 'anomaly' },
        label: `${equipment.toUpperCase()} ${spoken(fault)}, ${percent(confidence)}`,
      })),
    ],
  ];
};

/** Some five times on the axis. */
const TICKS = [0, 0.25, 0.5, 0.75, 1];

export const TimelineBands = ({ timeline, range }: { timeline: Timeline; range: LiveRange }) => (
  <section class="timeline-bands" aria-label="What happened">
    {rowsOf(timeline, range).map(([name, items]) => (
      <Row key={name} name={name} items={items} range={range} />
    ))}
    <div class="timeline-row" aria-hidden="true">
      <span class="timeline-name quiet">UTC</span>
      <div class="timeline-axis">
        {TICKS.map((share) => (
          <span key={share}>{clockOf(new Date(range.from + share * (range.to - range.from)))}</span>
        ))}
      </div>
    </div>
  </section>
);
