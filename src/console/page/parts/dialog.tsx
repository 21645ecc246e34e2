/** A dialog above the page, one at a time: what is behind it waits, and Escape closes it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly isShown: boolean;
  /** Id of its heading. */
  readonly titleId: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export const Dialog = ({ isShown, titleId, onClose, children }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!isShown) dialog.current?.close();
    else if (document.querySelector('dialog[open]') === null) dialog.current?.showModal();
  }, [isShown]);
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={onClose}>
      {children}
    </dialog>
  );
};
