/** What the values of flags and modes are like. */

/** Modes and flags are small whole numbers of a few kinds. */
export const MAX_STATES = 8;
export const HIGHEST_STATE = 15;
/**
 * A flag switched less often is too rare to learn: on a Mars rover's channel two such commands raised every false alarm there was. It is
 * only watched if it sets the level of something (flag-effects.ts).
 */
export const FEWEST_SWITCHES = 20;
