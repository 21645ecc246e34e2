/**
 * Who another daemon is, by its health messages: MQTT 3.1.1 has no user properties, and the text of `state` names nobody. A daemon that
 * says nothing for three of its intervals is gone; its last will names nobody either.
 */
import { readHealth } from '../../core/health';
import type { Claim } from '../../core/peers';
import { actionStates } from '../../domain/rules';

/** Three messages, and some time on the way. */
const SILENCE_MS = 35_000;
/** As many as are listened to. */
const MAX_DAEMONS = 16;

interface Heard {
  /** What was told of it last. */
  readonly told: string;
  readonly timer: NodeJS.Timeout | undefined;
}

/** @returns undefined for what names no daemon: an older version, or a fleet. */
export const claimIn = (text: string): Claim | undefined => {
  const health = readHealth(text);
  const mode = actionStates.find((known) => known === health?.mode);
  if (health?.daemon === undefined || mode === undefined) return undefined;
  const { instance, since } = health.daemon;
  return { instance, mode, since: Date.parse(since), state: health.state };
};

export class HealthClaims {
  private readonly heard = new Map<string, Heard>();

  /** @param onClaim told of what is new; `isLive` as of `PeerWatch`. */
  constructor(private readonly onClaim: (claim: Claim, isLive: boolean) => void) {}

  take(text: string, isLive: boolean): void {
    const claim = claimIn(text);
    if (claim === undefined) return;
    const { instance, mode, state } = claim;
    const known = this.heard.get(instance);
    if (known === undefined && this.heard.size >= MAX_DAEMONS) return;
    clearTimeout(known?.timer);
    const told = `${mode} ${state} ${String(isLive)}`;
    const timer = isLive ? setTimeout(() => this.lose(claim), SILENCE_MS).unref() : undefined;
    this.heard.set(instance, { told, timer });
    if (known?.told !== told) this.onClaim(claim, isLive);
  }

  stop(): void {
    for (const { timer } of this.heard.values()) clearTimeout(timer);
    this.heard.clear();
  }

  private lose(claim: Claim): void {
    this.heard.delete(claim.instance);
    this.onClaim({ ...claim, state: 'offline' }, true);
  }
}
