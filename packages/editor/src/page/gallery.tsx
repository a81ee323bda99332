/** The drawings to begin with, as pictures: a blank page and what the engine offers. Depends on the studio. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Maps, mapsOf, noLabel, type Scene } from '../document/scene.js';
import type { GalleryCanvas } from '../engine/engine.js';
import { decodeValues } from '../protocol/values.js';
import { canvasMaps } from './beginnings.js';
import { Dialog } from './dialog.js';
import { openFile } from './files.js';
import { paintDrawing } from './painting.js';
import type { Paints } from './paints.js';
import type { Studio } from './studio.js';
import { texts } from './texts.js';

interface Props {
  readonly studio: Studio;
  readonly close: () => void;
}

/** A dialog with the drawings to begin with. */
export function Gallery({ studio, close }: Props): JSX.Element {
  const away = studio.renderer.status.value.kind !== 'ready';
  useEffect(() => {
    if (!away) studio.beginnings.browse();
  }, [studio, away]);
  const { width, height } = studio.renderer.model.value ?? studio.scene.value;
  const files = !studio.renderer.readOnly.value;
  const choose = (begin: () => void) => () => {
    begin();
    close();
  };
  return (
    <Dialog
      class="gallery"
      title={texts.start}
      tools={files && <OpenButton open={choose(() => openFile(studio))} />}
      close={close}
    >
      {away && <p class="hint">{texts.startAway}</p>}
      <ul>
        <li>
          <button type="button" onClick={choose(() => studio.blank(width, height))}>
            <span class="sheet" style={{ aspectRatio: `${width} / ${height}` }} />
            {texts.blank}
          </button>
        </li>
        {studio.renderer.gallery.value.map(({ name }, item) => (
          <li key={name}>
            <button type="button" disabled={away} onClick={choose(() => studio.beginnings.choose(item))}>
              <Thumbnail studio={studio} canvas={studio.beginnings.offered.value.get(item)} />
              {name}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function OpenButton({ open }: { open: () => void }): JSX.Element {
  return (
    <button type="button" onClick={open}>
      {texts.open}
    </button>
  );
}

function Thumbnail({ studio, canvas }: { studio: Studio; canvas: GalleryCanvas | undefined }): JSX.Element {
  const element = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = element.current?.getContext('2d');
    if (!context || canvas === undefined) return;
    const { width, height } = canvas;
    const { paints } = studio;
    const maps = paints.areOwn ? emptyMaps(canvas) : canvasMaps(canvas, paints.classes.peek().length);
    if (typeof maps === 'string') return;
    paintDrawing(context, maps, groundOf(canvas, paints), paints, { x: 0, y: 0, width, height }, false);
  }, [studio, canvas]);
  return canvas === undefined ? (
    <span class="sheet waiting" />
  ) : (
    <canvas class="sheet" ref={element} width={canvas.width} height={canvas.height} />
  );
}

/** The picture that a drawing of colours or values is. */
function groundOf({ width, height, bytes }: GalleryCanvas, paints: Paints): Pick<Scene, 'picture' | 'values'> {
  if (!paints.areOwn) return {};
  if (paints.range === null) return { picture: bytes };
  const values = decodeValues(bytes, width * height);
  return typeof values === 'string' ? {} : { values };
}

/** Maps that leave all of a picture to be seen. */
function emptyMaps({ width, height }: GalleryCanvas): Maps {
  const maps = mapsOf({ width, height, objects: [] });
  maps.labels.fill(noLabel);
  return maps;
}
