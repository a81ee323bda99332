/** Pictures on the page. They are canvases, drawn while they are covered: uncovering them has nothing left to decode. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from './texts.js';

/** Squares of the noise that covers a picture, on its longer side. */
const noiseSquares = 48;

interface Props {
  readonly letter: string;
  readonly bitmap: ImageBitmap | undefined;
  readonly choosable: boolean;
  readonly choose: () => void;
}

/** One of the two pictures, and the button that it is. */
export function Choice({ letter, bitmap, choosable, choose }: Props): JSX.Element {
  const noise = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (noise.current !== null && bitmap !== undefined) drawNoise(noise.current, bitmap.width, bitmap.height);
  }, [bitmap]);
  return (
    <button type="button" class="choice" aria-disabled={!choosable} onClick={choose} aria-label={texts.picture(letter)}>
      <span class="frame">
        <Drawn bitmap={bitmap} />
        <canvas class="noise" ref={noise} />
        <span class="plain" />
      </span>
      <span class="letter" aria-hidden="true">
        {letter}
      </span>
    </button>
  );
}

/** What both were made from. */
export function LabelPicture({ bitmap }: { readonly bitmap: ImageBitmap }): JSX.Element {
  return (
    <figure class="label">
      <Drawn bitmap={bitmap} />
      <figcaption>{texts.label}</figcaption>
    </figure>
  );
}

function Drawn({ bitmap }: { readonly bitmap: ImageBitmap | undefined }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current === null || bitmap === undefined) return;
    canvas.current.width = bitmap.width;
    canvas.current.height = bitmap.height;
    canvas.current.getContext('2d')!.drawImage(bitmap, 0, 0);
  }, [bitmap]);
  return <canvas class="drawn" ref={canvas} />;
}

/** Squares of random colours, which wipe out what the eye still holds of the picture. */
function drawNoise(canvas: HTMLCanvasElement, width: number, height: number): void {
  const side = Math.max(width, height) / noiseSquares;
  canvas.width = Math.max(1, Math.round(width / side));
  canvas.height = Math.max(1, Math.round(height / side));
  const context = canvas.getContext('2d')!;
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
  context.putImageData(pixels, 0, 0);
}
