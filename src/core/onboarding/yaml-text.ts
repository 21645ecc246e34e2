/** Text as a YAML reader takes it for text. */
/** Words YAML readers take for something else than text. */
const RESERVED = /^(null|true|false|yes|no|on|off|y|n|nan|inf)$/i;
export const yamlText = (text: string): string =>
  /^[A-Za-z]/.test(text) && !RESERVED.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
