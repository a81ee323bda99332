/** Files in and out of the page. Depends on the studio and the browser. */
import { readWithin } from './pictures.js';
import type { Studio } from './studio.js';
import { texts } from './texts.js';

/** Offers a file to be saved. */
export function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Opens a drawing, or for networks of images a picture. */
export async function openBlob(studio: Studio, file: File): Promise<void> {
  const status = studio.renderer.status.peek();
  if (status.kind === 'ready' && status.readOnly) return;
  try {
    if (file.type.startsWith('image/') && studio.paints.areColours) await openPicture(studio, file);
    else studio.openProject(await file.text());
  } catch (error) {
    studio.renderer.notice.value = { text: `${file.name}: ${(error as Error).message}` };
  }
}

/** A picture at its own size, or as large as the server takes. */
async function openPicture(studio: Studio, file: Blob): Promise<void> {
  const status = studio.renderer.status.peek();
  const { width, height, pixels } = await readWithin(file, status.kind === 'ready' ? status.limits.side : 2048);
  studio.openPicture(width, height, pixels);
}

/** Opens what is dropped on the page or pasted into it. */
export function receiveFiles(studio: Studio): void {
  addEventListener('dragover', event => event.preventDefault());
  addEventListener('drop', event => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) void openBlob(studio, file);
  });
  addEventListener('paste', event => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) void openBlob(studio, file);
  });
}

/** Lets the person choose a file. @param accept as file inputs have it. */
export function chooseFile(accept: string, take: (file: File) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.onchange = () => {
    const [file] = input.files ?? [];
    if (file) take(file);
  };
  input.click();
}

/** Lets the person choose a file, and opens it. */
export function openFile(studio: Studio): void {
  const accept = studio.paints.areColours ? '.pix2pixhd,image/*' : '.pix2pixhd';
  chooseFile(accept, file => void openBlob(studio, file));
}

/** The result as PNG: without loss where the engine is there, else what is shown. */
async function resultPng(studio: Studio): Promise<Blob> {
  const image = (await studio.renderer.exact()) ?? studio.renderer.image.value!;
  const blob = new Blob([image.bytes as Uint8Array<ArrayBuffer>], { type: `image/${image.format}` });
  if (image.format === 'png') return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  return canvas.convertToBlob();
}

/** Offers the result as a file. */
export async function saveResult(studio: Studio): Promise<void> {
  download('result.png', await resultPng(studio));
}

/** Copies the result, to be pasted into other programs. */
export async function copyResult(studio: Studio): Promise<void> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': resultPng(studio) })]);
    studio.renderer.notice.value = { text: texts.copied };
  } catch (error) {
    studio.renderer.notice.value = { text: (error as Error).message };
  }
}

/** Offers the drawing as a file. */
export function saveDrawing(studio: Studio): void {
  download('drawing.pix2pixhd', new Blob([studio.projectText]));
}

/** Label map and instance map, or the picture that was drawn, as PNG. */
export async function saveMaps(studio: Studio): Promise<void> {
  if (studio.paints.areColours) {
    document.querySelector<HTMLCanvasElement>('canvas.map')?.toBlob(blob => blob && download('drawing.png', blob));
    return;
  }
  const { width, height, labels, instances } = studio.maps;
  const { encodeGreyPng } = await import('./grey-png.js');
  download('label.png', await encodeGreyPng(width, height, labels, 8));
  download('inst.png', await encodeGreyPng(width, height, instances, 16));
}
