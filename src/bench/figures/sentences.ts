/**
 * Sentences of a Markdown document, and how many words each one has.
 *
 * A paragraph, a heading, an item of a list and a cell of a table are texts of their own. So no sentence runs over their ends.
 * Code blocks and HTML are no prose and are left out. Code inside a line counts as one word, and a link as its text.
 */
import { lexer, type Token, type Tokens } from 'marked';
import type { SourceFinding } from './source-figures';

/** With a capital, because a sentence that begins with code begins one all the same. */
const CODE_WORD = 'Code';
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The words that a reader reads of inline tokens. */
const inlineText = (tokens: readonly Token[]): string =>
  tokens
    .map((token) => {
      if (token.type === 'codespan') return CODE_WORD;
      if (token.type === 'html' || token.type === 'image') return '';
      if (token.type === 'br') return ' ';
      if ('tokens' in token && token.tokens !== undefined) return inlineText(token.tokens);
      return 'text' in token && typeof token.text === 'string' ? token.text : '';
    })
    .join('');

const NESTED = new Set(['list', 'blockquote', 'table', 'code', 'paragraph', 'heading', 'html', 'space']);

/** An item holds its own line and lists below it. */
const itemTexts = ({ tokens }: Tokens.ListItem): readonly string[] => [
  inlineText(tokens.filter(({ type }) => !NESTED.has(type))),
  ...blockTexts(tokens.filter(({ type }) => NESTED.has(type))),
];

const blockTexts = (tokens: readonly Token[]): readonly string[] =>
  tokens.flatMap((token) => {
    switch (token.type) {
      case 'heading':
      case 'paragraph':
      case 'text':
        return [inlineText(token.tokens ?? [])];
      case 'list':
        return (token as Tokens.List).items.flatMap(itemTexts);
      case 'blockquote':
        return blockTexts(token.tokens ?? []);
      case 'table': {
        const { header, rows } = token as Tokens.Table;
        return [header, ...rows].flat().map((cell) => inlineText(cell.tokens));
      }
      default:
        return [];
    }
  });

/** A word is what stands between two spaces and holds a letter or a digit, as people count. */
export const countWords = (text: string): number =>
  text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** The sentences of one text, each with the number of its words. */
export const sentencesOf = (text: string): readonly SourceFinding[] =>
  [...sentences.segment(text.replaceAll(/\s+/g, ' '))]
    .map(({ segment }) => segment.trim())
    .filter((sentence) => sentence !== '')
    .map((what) => ({ what, count: countWords(what) }));

/** Every sentence of a document, in its order, with the number of its words. */
export const measureSentences = (markdown: string): readonly SourceFinding[] =>
  blockTexts(lexer(markdown)).flatMap(sentencesOf);
