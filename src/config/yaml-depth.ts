/** How deeply a YAML text is nested, found without recursion: the parser recurses, and a bracket repeated ends the process, not the parse. */
import { Lexer } from 'yaml';

/** Rules nest some ten deep. */
export const MAX_NESTING = 100;

const OPENING = new Set(['[', '{']);
const CLOSING = new Set([']', '}']);
/** Each of them opens a level on the line it stands on: `- - - a`. */
const INDICATORS = new Set(['-', '?', ':']);

/** @returns the line, from 1, at which the text is nested deeper than that; undefined when it nowhere is. */
export const tooDeepLine = (text: string): number | undefined => {
  let line = 1;
  let flow = 0;
  let onLine = 0;
  // Levels of blocks: indentations that are open, outermost first.
  const indents: number[] = [];
  for (const token of new Lexer().lex(text)) {
    if (OPENING.has(token)) flow += 1;
    else if (CLOSING.has(token)) flow = Math.max(0, flow - 1);
    else if (flow === 0 && INDICATORS.has(token)) onLine += 1;
    else if (token === '\n' || token === '\r\n') onLine = 0;
    else if (onLine === 0 && flow === 0 && /^ +$/.test(token)) {
      while ((indents.at(-1) ?? -1) >= token.length) indents.pop();
      indents.push(token.length);
    }
    if (flow + onLine + indents.length > MAX_NESTING) return line;
    for (const character of token) if (character === '\n') line += 1;
  }
  return undefined;
};
