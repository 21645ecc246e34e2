/** A decimal number without zeros at its end; one with an exponent (from 1e21 on) as it is, for there they count. */
export const trimDecimals = (text: string): string =>
  text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
