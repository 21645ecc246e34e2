/**
 * Names of what happened: the same after a restart and in a replay, and never the same for two occasions.
 *
 * Refused: names by packet time alone. After a clock was set back, a packet time can come again.
 */

/**
 * @param time ISO, packet time.
 * @param what equipment or monitor.
 * @param base how often the spacecraft's clock was set back before. A packet time can come again, and is then told apart by the time
 *   base it belongs to; the first one goes without saying.
 */
export const occasionId = (spacecraft: string, time: string, what: string, base = 0): string =>
  `${spacecraft}/${time}/${what}${base === 0 ? '' : `/base${String(base + 1)}`}`;
