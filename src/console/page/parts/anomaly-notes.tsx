/** What people wrote on an anomaly, and the way to write more. */
import type { AnomalyAccount } from '../../api/anomalies';
import { Empty, Section, Time } from './basic';
import { writeNote } from './write-note';

interface AnomalyNotesProps {
  readonly notes: AnomalyAccount['notes'];
  readonly anomaly: string;
  /** Undefined: nothing can be written here. */
  readonly reload: (() => void) | undefined;
}

export const AnomalyNotes = ({ notes, anomaly, reload }: AnomalyNotesProps) => {
  if (notes.length === 0 && reload === undefined) return null;
  return (
    <Section title="Notes">
      {notes.length === 0 && <Empty>Nobody has written a note on it.</Empty>}
      <ol class="timeline">
        {notes.map((note) => (
          <li key={note.sequence}>
            <Time at={note.time} />
            <span>
              {note.text} <span class="quiet">by {note.by}</span>
            </span>
          </li>
        ))}
      </ol>
      {reload !== undefined && (
        <button
          type="button"
          onClick={() => {
            writeNote('anomaly', anomaly, reload);
          }}
        >
          Write a note
        </button>
      )}
    </Section>
  );
};
