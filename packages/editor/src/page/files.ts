/** Files in and out of the page. Depends on the studio and the browser. */
import { readWithin } from './pictures.js';
import type { Studio } from './studio.js';
import { filled, texts } from './texts.js';

/** Offers a file to be saved. */
export function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Opens a drawing, a label map with or without its instance map, or for networks of images a picture. */
async function openFiles(studio: Studio, files: readonly File[]): Promise<void> {
  const [file] = files;
  if (file === undefined || studio.renderer.readOnly.peek()) return;
  studio.renderer.notice.value = null;
  try {
    const image = file.type.startsWith('image/');
    if (image && studio.paints.areColours) await openPicture(studio, file);
    else if (image || files.length > 1) await openMaps(studio, files);
    else studio.openProject(await file.text());
  } catch (error) {
    const text =
      error instanceof SyntaxError
        ? filled('notADrawing', { name: file.name })
        : `${file.name}: ${(error as Error).message}`;
    studio.renderer.notice.value = { text };
  }
}

/** A label map, or a label map and its instance map. */
async function openMaps(studio: Studio, files: readonly File[]): Promise<void> {
  const { MapError, readMaps } = await import('../project/map-files.js');
  const status = studio.renderer.status.peek();
  const named = await Promise.all(
    files.map(async file => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  );
  try {
    const maps = readMaps(named, {
      labelNc: studio.renderer.model.peek()?.labelNc ?? 0,
      countable: label => studio.paints.of(label).countable,
      limits: status.kind === 'ready' ? status.limits : undefined,
    });
    studio.openMaps(maps);
  } catch (error) {
    if (!(error instanceof MapError)) throw error;
    studio.renderer.notice.value = { text: filled(error.problem, error.found) };
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
    void openFiles(studio, [...(event.dataTransfer?.files ?? [])]);
  });
  addEventListener('paste', event => {
    void openFiles(studio, [...(event.clipboardData?.files ?? [])]);
  });
}

/** Lets the person choose files. @param accept as file inputs have it. */
export function chooseFiles(accept: string, multiple: boolean, take: (files: readonly File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.multiple = multiple;
  input.onchange = () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) take(files);
  };
  input.click();
}

/** Lets the person choose a file, or two maps, and opens them. */
export function openFile(studio: Studio): void {
  const { areColours } = studio.paints;
  const accept = areColours ? '.pix2pixhd,image/*' : '.pix2pixhd,image/png';
  chooseFiles(accept, !areColours, files => void openFiles(studio, files));
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
  studio.renderer.notice.value = { text: texts.saved, done: true };
}

/** Copies the result, to be pasted into other programs. */
export async function copyResult(studio: Studio): Promise<void> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': resultPng(studio) })]);
    studio.renderer.notice.value = { text: texts.copied, done: true };
  } catch (error) {
    studio.renderer.notice.value = { text: (error as Error).message };
  }
}

/** Offers the drawing as a file. */
export function saveDrawing(studio: Studio): void {
  download('drawing.pix2pixhd', new Blob([studio.projectText]));
  studio.renderer.notice.value = { text: texts.saved, done: true };
}

/** Label map and instance map, or the picture that was drawn, as PNG. */
export async function saveMaps(studio: Studio): Promise<void> {
  if (studio.paints.areColours && studio.renderer.model.peek()?.inputChannels !== 1) {
    document.querySelector<HTMLCanvasElement>('canvas.map')?.toBlob(blob => blob && download('drawing.png', blob));
    return;
  }
  const { encodeMap, shortIds } = await import('../project/map-files.js');
  const { labels, instances } = studio.maps;
  const png = (values: Uint16Array | Int32Array, bits: 8 | 16) =>
    new Blob([encodeMap(studio.maps, values, bits)], { type: 'image/png' });
  if (studio.paints.areColours) {
    download('drawing.png', png(Uint16Array.from(studio.pixels), 8));
    return;
  }
  download('label.png', png(labels, 8));
  download('inst.png', png(shortIds(instances), 16));
}
