/** The buttons below a form of filters. */
export const FilterButtons = ({ clear }: { clear: () => void }) => (
  <div class="buttons">
    <button type="submit" class="primary">
      Filter
    </button>
    <button type="button" onClick={clear}>
      Clear
    </button>
  </div>
);
