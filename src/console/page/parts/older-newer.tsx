/** Steps through pages of a list that is newest first. A cursor leads to each page but the first. */
interface Steps<Cursor> {
  readonly label: string;
  readonly cursors: readonly Cursor[];
  readonly next: Cursor | null;
  readonly go: (cursors: readonly Cursor[]) => void;
}

export const OlderNewer = <Cursor,>({ label, cursors, next, go }: Steps<Cursor>) => (
  <nav class="buttons paging" hidden={cursors.length === 0 && next === null} aria-label={label}>
    <button
      type="button"
      disabled={cursors.length === 0}
      onClick={() => {
        go(cursors.slice(0, -1));
      }}
    >
      Newer
    </button>
    <span>page {cursors.length + 1}</span>
    <button
      type="button"
      disabled={next === null}
      onClick={() => {
        if (next !== null) go([...cursors, next]);
      }}
    >
      Older
    </button>
  </nav>
);
