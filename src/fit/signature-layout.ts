/** How the corevector of the signature tap lies: features a parameter, and which of them is its level. */
export const SIGNATURE_FEATURES = 5;
export const SIGNATURE_LEVEL = 0;
