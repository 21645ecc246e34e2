/** What goes to the console by the clock: how fresh everything is, and telemetry that is new. */
import { merge, tap, type Observable, type Subscription } from 'rxjs';
import type { Pulse } from '../api/overview';
import type { TelemetryNews } from '../port/messages';
import type { Outbound } from './outbound';

const PULSE_PERIOD_MS = 1000;
/** Faster would not look smoother on a strip of minutes. */
const TELEMETRY_PERIOD_MS = 500;

export interface TickOptions {
  readonly clock: { every(ms: number): Observable<unknown> };
  readonly pulse: () => Pulse;
  readonly telemetry: () => TelemetryNews | undefined;
}

export const tickConsole = (outbound: Outbound, { clock, pulse, telemetry }: TickOptions): Subscription =>
  merge(
    clock.every(PULSE_PERIOD_MS).pipe(
      tap(() => {
        outbound.pulse(pulse);
      }),
    ),
    clock.every(TELEMETRY_PERIOD_MS).pipe(
      tap(() => {
        outbound.telemetry(telemetry);
      }),
    ),
  ).subscribe();
