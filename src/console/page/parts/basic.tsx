/** Small things that every page uses. */
import type { ComponentChildren } from 'preact';
import type { Severity } from '../../../domain/monitors';
import { byDayOfYear, readable } from '../time';

/** Day of year, and the calendar date where there is room, or on pointing at it. */
export const Time = ({ at, long = false }: { at: string; long?: boolean }) => (
  <time class="time" dateTime={at} title={readable(at)}>
    {byDayOfYear(at)}
    {long && <span class="quiet"> · {readable(at)}</span>}
  </time>
);

const SHAPES: Readonly<Record<string, string>> = {
  high: 'M8 1 15 8 8 15 1 8Z',
  medium: 'M8 1.5 15 14H1Z',
  low: 'M2 2H14V14H2Z',
  informative: 'M8 1.5A6.5 6.5 0 1 1 8 14.5A6.5 6.5 0 1 1 8 1.5Z',
  good: 'M2 8.5 6.2 12.5 14 4 12.3 2.6 6 9.4 3.6 7Z',
  warn: 'M8 1.5 15 14H1Z',
  bad: 'M8 1 15 8 8 15 1 8Z',
  info: 'M8 1.5A6.5 6.5 0 1 1 8 14.5A6.5 6.5 0 1 1 8 1.5Z',
};
export const Shape = ({ name }: { name: string }) => (
  <svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={SHAPES[name] ?? ''} fill="currentColor" />
  </svg>
);

/** Shape, word and colour, so that none of them has to be seen. */
export const SeverityMark = ({ severity }: { severity: Severity }) => (
  <span class={`mark mark-${severity}`}>
    <Shape name={severity} /> {severity}
  </span>
);
export const Tone = ({ tone, children }: { tone: 'good' | 'warn' | 'bad' | 'info'; children: ComponentChildren }) => (
  <span class={`mark mark-${tone}`}>
    <Shape name={tone} /> {children}
  </span>
);

export const Section = (props: {
  title: string;
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}) => {
  const name = `section-${props.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={name}>
      <header class="panel-head">
        <h2 id={name}>{props.title}</h2>
        {props.aside !== undefined && <div class="panel-aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
};

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

/** What went wrong, in the daemon's words, and the way to try again. */
export const Failure = ({ error, again }: { error: Error; again: () => void }) => (
  <div class="failure" role="alert">
    <p>
      <Tone tone="bad">This cannot be shown:</Tone> {error.message}
    </p>
    <button type="button" onClick={again}>
      Try again
    </button>
  </div>
);
export const Loading = () => (
  <p class="empty" aria-busy="true">
    Asking the daemon…
  </p>
);

/** New rows wait here until the reader wants them. */
export const WaitingBar = ({ amount, what, show }: { amount: number; what: string; show: () => void }) => (
  <div class="waiting-slot" aria-live="polite">
    {amount > 0 && (
      <button type="button" class="waiting-bar" onClick={show}>
        {amount} new {what}: show
      </button>
    )}
  </div>
);

/** A table wider than its place can be scrolled, by keyboard too. */
export const TableFrame = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <div class="table-frame" role="group" aria-label={label} tabIndex={0}>
    {children}
  </div>
);
