/** A dialog over the page: a title, what it shows, and three ways to close it: its button, Escape, a click beside it. */
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from './texts.js';

interface Props {
  readonly class: string;
  readonly title: string;
  /** Beside the title. */
  readonly tools?: ComponentChildren;
  /** Called once it is closed. */
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** A dialog, open as long as it is there. */
export function Dialog({ class: name, title, tools, close, children }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it
    <dialog
      class={`dialog ${name}`}
      ref={dialog}
      onClose={close}
      onClick={event => event.target === event.currentTarget && dialog.current?.close()}
      aria-label={title}
    >
      <header>
        <h2>{title}</h2>
        {tools}
        <button type="button" onClick={() => dialog.current?.close()}>
          {texts.close}
        </button>
      </header>
      {children}
    </dialog>
  );
}
