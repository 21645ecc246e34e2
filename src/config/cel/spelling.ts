/**
 * What people may write in a condition and CEL has not: a duration as `60s`, and a telecommand as `command("X").age`. Both are spelled
 * in CEL before the text is read; places in problems are turned back to those of the text as it was written.
 */

export interface Spelling {
  readonly text: string;
  /** Place in the text as written of a place in the spelled one. */
  placeOf(at: number): number;
}

/** Literals are passed over whole; names, so that nothing inside one is taken for a duration. */
const TOKEN =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\bcommand\s*\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)|[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?(?:ms|s|m|h|d)\b/gs;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** CEL's durations end with hours. */
const durationText = (number: string, unit: string): string =>
  unit === 'd' ? `duration("${String(Number(number) * 24)}h")` : `duration("${number}${unit}")`;

export const spell = (written: string): Spelling => {
  /** Replaced stretches: where they begin and end in the spelled text, and where in the written one. */
  const replaced: { readonly from: number; readonly to: number; readonly was: number; readonly length: number }[] = [];
  let shift = 0;
  const text = written.replace(TOKEN, (token: string, name: string | undefined, at: number) => {
    const [, number, unit] = DURATION.exec(token) ?? [];
    const now =
      name !== undefined
        ? `commands[${name}]`
        : number === undefined || unit === undefined
          ? token
          : durationText(number, unit);
    if (now !== token) replaced.push({ from: at + shift, to: at + shift + now.length, was: at, length: token.length });
    shift += now.length - token.length;
    return now;
  });
  return {
    text,
    placeOf: (at) => {
      const before = replaced.findLast(({ from }) => from <= at);
      if (before === undefined) return at;
      return at < before.to ? before.was : before.was + before.length + at - before.to;
    },
  };
};

/** A sub-expression as people write it. */
export const asWritten = (text: string): string =>
  text.replace(/\bcommands\[("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]/g, 'command($1)');
