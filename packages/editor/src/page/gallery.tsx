/** The drawings to begin with, as pictures: a blank page and what the engine offers. Depends on the studio. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Maps, mapsOf, noLabel } from '../document/scene.js';
import type { GalleryCanvas } from '../engine/engine.js';
import { canvasMaps } from './beginnings.js';
import { Dialog } from './dialog.js';
import { paintMaps, palette } from './painting.js';
import type { Studio } from './studio.js';
import { texts } from './texts.js';

interface Props {
  readonly studio: Studio;
  readonly close: () => void;
}

/** A dialog with the drawings to begin with. */
export function Gallery({ studio, close }: Props): JSX.Element {
  useEffect(() => studio.beginnings.browse(), [studio]);
  const { width, height } = studio.renderer.model.value ?? studio.scene.value;
  const choose = (begin: () => void) => () => {
    begin();
    close();
  };
  return (
    <Dialog class="gallery" title={texts.start} close={close}>
      <ul>
        <li>
          <button type="button" onClick={choose(() => studio.blank(width, height))}>
            <span class="sheet" style={{ aspectRatio: `${width} / ${height}` }} />
            {texts.blank}
          </button>
        </li>
        {studio.renderer.gallery.value.map(({ name }, item) => (
          <li key={name}>
            <button type="button" onClick={choose(() => studio.beginnings.choose(item))}>
              <Thumbnail studio={studio} canvas={studio.beginnings.offered.value.get(item)} />
              {name}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Thumbnail({ studio, canvas }: { studio: Studio; canvas: GalleryCanvas | undefined }): JSX.Element {
  const element = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = element.current?.getContext('2d');
    if (!context || canvas === undefined) return;
    const { width, height, bytes } = canvas;
    const whole = { x: 0, y: 0, width, height };
    const classes = studio.paints.classes.peek();
    const picture = studio.paints.areColours ? bytes : undefined;
    const maps = picture === undefined ? canvasMaps(canvas, classes.length) : emptyMaps(canvas);
    if (typeof maps === 'string') return;
    paintMaps(context, maps, picture, palette(classes), whole, false);
  }, [studio, canvas]);
  return canvas === undefined ? (
    <span class="sheet waiting" />
  ) : (
    <canvas class="sheet" ref={element} width={canvas.width} height={canvas.height} />
  );
}

/** Maps that leave all of a picture to be seen. */
function emptyMaps({ width, height }: GalleryCanvas): Maps {
  const maps = mapsOf({ width, height, objects: [] });
  maps.labels.fill(noLabel);
  return maps;
}
