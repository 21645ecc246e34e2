/** The smallest mission that has everything: two wheels with two parameters each, sampled every second. Tests use it too. */

/** 2026-03-01T00:00:00Z, packet time of the first frame; a multiple of every period used here. */
export const PACKET_START = Date.UTC(2026, 2, 1);
export const PERIOD_MS = 1000;
export const PARAMETERS = ['rw0_speed', 'rw0_current', 'rw1_speed', 'rw1_current'] as const;
export const EQUIPMENT = ['rw0', 'rw1'] as const;
export const FRAMES = 4;
export const STRIDE = 2;

/** As a mission file has it: no commands and no faults. */
export const TINY_MISSION = {
  spacecraft: 'TINY-1',
  sampling: { period: '1s', window: FRAMES, stride: STRIDE },
  parameters: PARAMETERS.map((id) => ({
    id,
    equipment: id.slice(0, 3),
    staleAfter: '5s',
    ...(id.endsWith('speed') && { valid: [-100, 100], limits: { warning: [-50, 50], critical: [-80, 80] } }),
  })),
};
