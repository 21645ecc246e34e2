/** Who is at this page: a token is typed in, and forgotten with the tab. */
import { describeError } from '../../../domain/errors';
import { useState } from 'preact/hooks';
import { forgetToken, isTokenNeeded, session, takeToken } from '../client';
import { createStore, useStore } from '../store';
import { announce } from './announcer';
import { Dialog } from './dialog';

const isOpen = createStore(false);
export const openTokenDialog = (): void => {
  isOpen.set(true);
};

export const Who = () => {
  const who = useStore(session);
  if (who?.name === null || who === null)
    return (
      <button type="button" class="plain" onClick={openTokenDialog}>
        Sign in
      </button>
    );
  return (
    <span class="who">
      <strong>{who.name}</strong>{' '}
      <button type="button" class="plain" onClick={forgetToken}>
        Sign out
      </button>
    </span>
  );
};

export const TokenDialog = () => {
  const open = useStore(isOpen);
  const needed = useStore(isTokenNeeded);
  const who = useStore(session);
  const [trouble, setTrouble] = useState('');
  // Reading needs one from beyond the daemon's machine: then nothing works without.
  // Who closed it is not asked again and again.
  const [isDismissed, setDismissed] = useState(false);
  const isShown = open || (needed && !isDismissed && who?.mayChange !== true);
  const close = (): void => {
    isOpen.set(false);
    isTokenNeeded.set(false);
    setDismissed(true);
    setTrouble('');
  };
  const send = async (text: string): Promise<void> => {
    try {
      await takeToken(text);
      close();
      announce(`Signed in as ${session.get()?.name ?? ''}`);
    } catch (error) {
      setTrouble(describeError(error));
    }
  };
  return (
    <Dialog isShown={isShown} titleId="token-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get('token');
          void send(typeof text === 'string' ? text : '');
        }}
      >
        <h2 id="token-title">Sign in</h2>
        <p>
          {who?.hasTokens === false
            ? 'The daemon knows no token: name one in console.tokens of its configuration.'
            : 'Whatever changes something, and reading from beyond the daemon’s machine, needs a token.'}
        </p>
        <label class="field">
          Token
          <input name="token" type="password" autocomplete="off" required maxLength={4096} />
          <small>Kept in this tab only. Its name is what the log records.</small>
        </label>
        <p class="trouble" role="alert">
          {trouble}
        </p>
        <div class="buttons">
          <button type="submit" class="primary">
            Sign in
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
};
