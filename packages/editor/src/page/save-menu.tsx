/** What can be taken away from the page: drawing, result, maps. Depends on the studio. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { copyResult, saveDrawing, saveMaps, saveResult } from './files.js';
import type { Studio } from './studio.js';
import { type TextKey, texts } from './texts.js';

/** A button that opens a list of what can be saved. */
export function SaveMenu({ studio }: { readonly studio: Studio }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const rendered = studio.renderer.image.value !== null;
  const entry = (key: TextKey, enabled: boolean, act: () => unknown) => (
    <button
      type="button"
      disabled={!enabled}
      popovertarget="save"
      popovertargetaction="hide"
      onClick={() => void act()}
    >
      {texts[key]}
    </button>
  );
  return (
    <span class="menu">
      <button
        type="button"
        popovertarget="save"
        onClick={event => {
          const { bottom, right } = event.currentTarget.getBoundingClientRect();
          list.current!.style.top = `${bottom + 4}px`;
          list.current!.style.right = `${Math.max(8, innerWidth - right)}px`;
        }}
      >
        {texts.saveMenu}
      </button>
      <div id="save" popover="auto" ref={list}>
        {entry('exportImage', rendered, () => saveResult(studio))}
        {/* Browsers give the clipboard to pages of this machine, and to others over TLS only. */}
        {isSecureContext && entry('copyImage', rendered, () => copyResult(studio))}
        {entry('save', true, () => saveDrawing(studio))}
        {entry(studio.paints.areOwn ? 'exportDrawing' : 'exportMaps', true, () => saveMaps(studio))}
      </div>
    </span>
  );
}
