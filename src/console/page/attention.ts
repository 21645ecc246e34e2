/** Calls a person who looks elsewhere, by a sound or by a notification of the browser. Both are off until somebody turns them on. */
import { overview } from './live';
import { newCalls, type Call } from './needs';
import { createStore, type Store } from './store';

/** Two short tones, the second one higher: told apart from what a desktop plays. */
const TONES_HZ = [660, 880] as const;
const TONE_SECONDS = 0.18;

const remembered = (key: string): Store<boolean> => {
  const store = createStore(localStorage.getItem(key) === 'on');
  store.subscribe(() => {
    localStorage.setItem(key, store.get() ? 'on' : 'off');
  });
  return store;
};
export const isSoundOn = remembered('fdir.sound');
export const isNoticeOn = remembered('fdir.notices');

let context: AudioContext | undefined;
/** A browser plays nothing before the page was touched once. */
const wake = (): AudioContext => {
  context ??= new AudioContext();
  void context.resume();
  return context;
};

export const ring = (): void => {
  const audio = wake();
  TONES_HZ.forEach((hertz, index) => {
    const start = audio.currentTime + index * TONE_SECONDS;
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const volume = new GainNode(audio, { gain: 0.2 });
    volume.gain.setTargetAtTime(0, start + TONE_SECONDS * 0.7, 0.03);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + TONE_SECONDS * 2);
  });
};

/** @returns why the browser shows none; undefined when it does. */
export const allowNotices = async (): Promise<string | undefined> => {
  if (!('Notification' in globalThis) || !isSecureContext)
    return 'This browser shows notifications only of pages on this machine or over HTTPS.';
  return (await Notification.requestPermission()) === 'granted'
    ? undefined
    : 'The browser does not allow it: allow notifications of this page in its settings, and try again.';
};

const notice = ({ key, title, text }: Call): void => {
  try {
    // The tag replaces what another tab of this page has shown already.
    const shown = new Notification(title, { body: text, tag: key });
    shown.onclick = () => {
      focus();
    };
  } catch {
    // Browsers of phones show them of installed pages only.
    isNoticeOn.set(false);
  }
};

/** Listens until the page goes. */
export const startCalling = (): void => {
  let before = overview.get();
  overview.subscribe(() => {
    const now = overview.get();
    const calls = newCalls(before, now);
    before = now;
    if (calls.length > 0 && isSoundOn.get()) ring();
    if (isNoticeOn.get()) calls.forEach(notice);
  });
  addEventListener(
    'pointerdown',
    () => {
      if (isSoundOn.get()) wake();
    },
    { once: true },
  );
};
