/** Telemetry as it comes, with what was expected of it and what happened meanwhile, all on one time axis. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MissionView, Overview } from '../../api/overview';
import { TimelineBands } from '../charts/timeline';
import { useResource } from '../hooks';
import { overview } from '../live';
import { LivePainter } from '../live-painter';
import { LiveFeed } from '../live-telemetry';
import { Empty, Failure, Loading } from '../parts/basic';
import { Strip } from '../parts/live-strip';
import { replaceQuery } from '../route';
import { createStore, useStore, useStorePart, type Store } from '../store';
import { shownTheme } from '../theme';

type Parameter = MissionView['parameters'][number];

const SPANS = [
  ['5m', '5 min'],
  ['15m', '15 min'],
  ['1h', '1 h'],
  ['6h', '6 h'],
  ['24h', '24 h'],
] as const;
const DEFAULT_SPAN = '15m';
const PINS = 'fdir.pins';
/** The bands are text and links: twice a second is enough. */
const BANDS_MS = 500;

/** A pulse that changes no alarm renders no strip. */
const alarmsOf = (view: Overview | null): Overview['alarms'] | undefined => view?.alarms;

const readPins = (): readonly string[] => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PINS) ?? '[]');
    return Array.isArray(kept) ? kept.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
};

interface Group {
  readonly title: string;
  readonly parameters: readonly Parameter[];
}

/** Pinned ones first, then those of each equipment, then the rest. */
const groupsOf = (mission: MissionView, pins: readonly string[], search: string): readonly Group[] => {
  const wanted = search.toLowerCase();
  const found = mission.parameters.filter(
    ({ id, title, equipment }) => wanted === '' || `${id} ${title} ${equipment ?? ''}`.toLowerCase().includes(wanted),
  );
  const isPinned = ({ id }: Parameter): boolean => pins.includes(id);
  return [
    { title: 'Pinned', parameters: found.filter(isPinned) },
    ...mission.equipment.map(({ id, title }) => ({
      title,
      parameters: found.filter((item) => item.equipment === id && !isPinned(item)),
    })),
    { title: 'Other parameters', parameters: found.filter((item) => item.equipment === null && !isPinned(item)) },
  ].filter(({ parameters }) => parameters.length > 0);
};

/** The feed of the range, painted as it comes; `round` counts for what is text, now and then only. */
const useFeed = (
  mission: MissionView,
  span: string,
  painter: LivePainter,
): { readonly feed: LiveFeed | null; readonly round: Store<number> } => {
  const [round] = useState(() => createStore(0));
  const [feed, setFeed] = useState<LiveFeed | null>(null);
  useEffect(() => {
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ids = mission.parameters.map(({ id }) => id);
    const next = new LiveFeed(ids, span, (changed) => {
      painter.show(changed);
      const wait = Math.max(0, last + BANDS_MS - performance.now());
      timer ??= setTimeout(() => {
        timer = undefined;
        last = performance.now();
        round.set(round.get() + 1);
      }, wait);
    });
    setFeed(next);
    return () => {
      clearTimeout(timer);
      next.stop();
    };
  }, [mission, span, painter, round]);
  return { feed, round };
};

/** What is text and changes with telemetry, apart from the strips: those are not rendered again. */
const FeedText = ({ feed, round }: { feed: LiveFeed | null; round: Store<number> }) => {
  useStore(round);
  if (feed === null) return null;
  return (
    <>
      {feed.error !== null && <Empty>{feed.error.message}</Empty>}
      {feed.range !== null && feed.timeline !== null && <TimelineBands timeline={feed.timeline} range={feed.range} />}
    </>
  );
};

const Controls = (props: {
  span: string;
  search: string;
  choose: (span: string) => void;
  find: (text: string) => void;
}) => (
  <div class="live-controls" role="search">
    <div class="buttons" role="group" aria-label="Time shown">
      {SPANS.map(([span, label]) => (
        <button
          key={span}
          type="button"
          aria-pressed={span === props.span}
          onClick={() => {
            props.choose(span);
          }}
        >
          {label}
        </button>
      ))}
    </div>
    <label class="field">
      Parameter or equipment
      <input
        type="search"
        value={props.search}
        onInput={({ currentTarget }) => {
          props.find(currentTarget.value);
        }}
      />
    </label>
  </div>
);

const Strips = ({ mission, span, search }: { mission: MissionView; span: string; search: string }) => {
  const painter = useMemo(() => new LivePainter(), []);
  const { feed, round } = useFeed(mission, span, painter);
  const [pins, setPins] = useState(readPins);
  const alarms = useStorePart(overview, alarmsOf);
  const theme = useStore(shownTheme);
  const place = useRef<HTMLDivElement>(null);
  const clock = useRef<HTMLParagraphElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const cursor = useRef(1);
  useEffect(() => {
    painter.onCursor = (text) => {
      if (clock.current !== null && clock.current.textContent !== text) clock.current.textContent = text;
    };
    const resized = new ResizeObserver(() => {
      painter.refresh();
    });
    if (place.current !== null) resized.observe(place.current);
    return () => {
      resized.disconnect();
      painter.close();
    };
  }, [painter]);
  useEffect(() => {
    painter.refresh();
  }, [theme]);
  const point = (share: number | null): void => {
    painter.point(share);
    if (line.current !== null) {
      // A property of the line alone: one that the strips inherit would have the styles of all of them computed again.
      line.current.hidden = share === null;
      line.current.style.left = `calc(var(--label) + (100% - var(--label)) * ${String(share ?? 0)})`;
    }
    if (share !== null) cursor.current = share;
  };
  const follow = (event: PointerEvent): void => {
    const canvas = place.current?.querySelector('canvas')?.getBoundingClientRect();
    if (canvas === undefined || canvas.width === 0) return;
    const share = (event.clientX - canvas.left) / canvas.width;
    point(share >= 0 && share <= 1 ? share : null);
  };
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -0.01, ArrowRight: 0.01, PageUp: -0.1, PageDown: 0.1 }[event.key];
    if (event.key === 'Escape') point(null);
    if (by === undefined || (event.target as HTMLElement).tagName === 'INPUT') return;
    event.preventDefault();
    point(Math.min(1, Math.max(0, cursor.current + by)));
  };
  const toggle = (id: string): void => {
    const next = pins.includes(id) ? pins.filter((item) => item !== id) : [...pins, id];
    localStorage.setItem(PINS, JSON.stringify(next));
    setPins(next);
  };
  const failedOf = (id: string): string =>
    alarms?.find((alarm) => alarm.name === `check/${id}` && Object.keys(alarm.causes).length > 0)?.title ?? '';
  const groups = groupsOf(mission, pins, search);
  return (
    <div
      ref={place}
      class="live"
      role="group"
      aria-label="Strips; arrow keys move the cursor"
      tabIndex={0}
      onPointerMove={follow}
      onPointerLeave={() => {
        point(null);
      }}
      onKeyDown={move}
    >
      <p class="key">
        <span class="key-measured">measured</span>
        <span class="key-expected">expected, with three standard deviations</span>
        <span class="key-band">anomaly, or a check that failed</span>
        <span class="key-time" ref={clock}>
          point at a strip, or use ← →
        </span>
      </p>
      <div ref={line} class="live-cursor" aria-hidden="true" hidden />
      <FeedText feed={feed} round={round} />
      <ol class="strips">
        <Strip painter={painter} parameter={null} isPinned={false} failed="" pin={null} />
      </ol>
      {groups.length === 0 && <Empty>No parameter is called so.</Empty>}
      {groups.map(({ title, parameters }) => (
        <section key={title} class="strip-group">
          <h2>
            {title} <span class="quiet">{parameters.length}</span>
          </h2>
          <ol class="strips">
            {parameters.map((parameter) => (
              <Strip
                key={parameter.id}
                painter={painter}
                parameter={parameter}
                isPinned={pins.includes(parameter.id)}
                failed={failedOf(parameter.id)}
                pin={() => {
                  toggle(parameter.id);
                }}
              />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
};

export const LivePage = ({ query }: { query: URLSearchParams }) => {
  const { data: mission, error, reload } = useResource<MissionView>('mission');
  const asked = query.get('span');
  const span = SPANS.find(([item]) => item === asked)?.[0] ?? DEFAULT_SPAN;
  const search = query.get('find') ?? '';
  const change = (name: string, value: string): void => {
    const next = new URLSearchParams(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    replaceQuery(next);
  };
  return (
    <>
      <h1 class="page-title">Live telemetry</h1>
      <Controls
        span={span}
        search={search}
        choose={(value) => {
          change('span', value);
        }}
        find={(value) => {
          change('find', value);
        }}
      />
      {mission === null ? (
        error === null ? (
          <Loading />
        ) : (
          <Failure error={error} again={reload} />
        )
      ) : (
        <Strips mission={mission} span={span} search={search} />
      )}
    </>
  );
};
