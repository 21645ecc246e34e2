/** Notes and the hand-over of a shift, as orders like any other: with a name, and the daemon's answer. */
import type { NoteSubject } from '../../../domain/note';
import { askFor } from './orders';

/** @param target id of the anomaly or name of the alarm; empty for the shift. */
export const writeNote = (about: NoteSubject, target: string, onDone: () => void): void => {
  askFor({
    title: `A note on the ${about}`,
    text: 'It stands in the report of the shift, with your name.',
    path: 'notes',
    body: { about, target },
    isNote: true,
    verb: 'Write it',
    onDone,
  });
};

export const handOver = (onDone: () => void): void => {
  askFor({
    title: 'Hand the shift over',
    text: 'Say what the next shift must know. Who takes it confirms it.',
    path: 'hand-overs',
    isNote: true,
    verb: 'Hand over',
    onDone,
  });
};

export const confirmHandOver = (sequence: number, onDone: () => void): void => {
  askFor({
    title: 'Confirm the hand-over',
    text: 'You have read it, and the shift is yours.',
    path: `hand-overs/${String(sequence)}/confirm`,
    verb: 'Confirm',
    onDone,
  });
};
