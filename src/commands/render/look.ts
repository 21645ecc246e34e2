/** How text looks where it is read: how wide, and in which colours. */
import { styleText } from 'node:util';

/** What a piece of text means to the reader; the colours follow from it. */
export type Tone = 'heading' | 'strong' | 'faint' | 'good' | 'bad' | 'high' | 'low' | 'action';
export type Paint = (tone: Tone, text: string) => string;

export interface Look {
  /** Columns. */
  readonly width: number;
  readonly paint: Paint;
}

/** The part of an output stream that decides. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const FORMATS = {
  heading: ['bold', 'cyan'],
  strong: ['bold'],
  faint: ['dim'],
  good: ['green'],
  bad: ['red'],
  high: ['red'],
  low: ['blue'],
  action: ['bold', 'yellow'],
} satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Below, tables would break; above, lines are too long to read. */
const NARROWEST = 80;
const WIDEST = 120;

export const plain: Paint = (_tone, text) => text;
export const coloured: Paint = (tone, text) =>
  text === '' ? '' : styleText(FORMATS[tone], text, { validateStream: false });

/** Colours on a terminal only, and not where NO_COLOR (no-color.org) asks for none; 80 to 120 columns. */
export const lookOf = ({ isTTY = false, columns = NARROWEST }: Screen, environment: NodeJS.ProcessEnv): Look => {
  const { NO_COLOR: noColour = '', TERM: terminal = '' } = environment;
  return {
    width: Math.min(WIDEST, Math.max(NARROWEST, columns)),
    paint: isTTY && noColour === '' && terminal !== 'dumb' ? coloured : plain,
  };
};
