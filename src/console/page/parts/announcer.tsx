/** Says things once, to eyes and screen readers, without taking the focus. */
import { createStore, useStore } from '../store';

interface Announcement {
  readonly text: string;
  readonly at: number;
}
const said = createStore<Announcement | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export const announce = (text: string): void => {
  said.set({ text, at: Date.now() });
  clearTimeout(timer);
  timer = setTimeout(() => {
    said.set(null);
  }, 8000);
};

export const Announcer = () => {
  const message = useStore(said);
  return (
    <div class="announcer" role="status" aria-live="polite">
      {message !== null && <p key={message.at}>{message.text}</p>}
    </div>
  );
};
