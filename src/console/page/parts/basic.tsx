/** Small things that every page uses. */
import type { ComponentChildren } from 'preact';
import { ASTRO_LOOK, severityOf, type AstroStatus } from '../../../core/alarms/severity-status';
import type { Severity } from '../../../domain/monitors';
import { byDayOfYear, readable } from '../time';

/** Day of year, and the calendar date where there is room, or on pointing at it. */
export const Time = ({ at, long = false }: { at: string; long?: boolean }) => (
  <time class="time" dateTime={at} title={readable(at)}>
    {byDayOfYear(at)}
    {long && <span class="quiet"> · {readable(at)}</span>}
  </time>
);

export const StatusSymbol = ({ status }: { status: AstroStatus }) => (
  <svg class={`symbol symbol-${status}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={ASTRO_LOOK[status].path} fill="currentColor" fill-rule="evenodd" />
  </svg>
);

/** StatusSymbol, word and colour, so that none of them has to be seen. */
export const Status = ({ status, children }: { status: AstroStatus; children: ComponentChildren }) => (
  <span class={`mark status-${status}`}>
    <StatusSymbol status={status} /> {children}
  </span>
);
/** How severe something is or was. @param status what it asks for now; left out of what is over, which keeps its shape without the colour. */
export const SeverityMark = ({ severity, status }: { severity: Severity; status?: AstroStatus }) => (
  <span class={`mark status-${status ?? 'off'}`}>
    <StatusSymbol status={status ?? severityOf(severity).status} /> {severity}
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
      <Status status="serious">This cannot be shown:</Status> {error.message}
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
