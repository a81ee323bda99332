/** Files in and out of the page. Depends on the studio and the browser. */
import type { Rendered } from '../engine/engine.js';
import { readWithin } from './pictures.js';
import type { Notice } from './renderer.js';
import type { Studio } from './studio.js';
import { filled, type TextKey, texts } from './texts.js';

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
    const models = files.filter(each => studio.models?.isModel(each));
    if (models.length > 0) {
      await studio.models!.open(models);
      return;
    }
    const { areOwn, range } = studio.paints;
    const image = file.type.startsWith('image/') || file.name.endsWith('.npy');
    if (image && range !== null) await openValues(studio, file);
    else if (image && areOwn) await openPicture(studio, file);
    else if (image || files.length > 1) await openMaps(studio, files);
    else studio.openProject(await file.text(), filled('opened', { name: file.name }));
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
  const { readMaps } = await import('../project/map-files.js');
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
    studio.openMaps(maps, files.map(({ name }) => name).join(', '));
  } catch (error) {
    await explain(studio, error);
  }
}

/** A grey PNG or an array in its own values. */
async function openValues(studio: Studio, file: File): Promise<void> {
  const { readValues } = await import('../project/value-files.js');
  const status = studio.renderer.status.peek();
  const named = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
  try {
    const { width, height, values } = readValues(named, status.kind === 'ready' ? status.limits : undefined);
    studio.openValues(width, height, values, file.name);
  } catch (error) {
    await explain(studio, error);
  }
}

/** Shows in the person's language what is wrong with a file. @throws the error where it is about something else. */
async function explain(studio: Studio, error: unknown): Promise<void> {
  const { FileError } = await import('../project/stored-values.js');
  if (!(error instanceof FileError)) throw error;
  studio.renderer.notice.value = { text: filled(error.problem, error.found) };
}

/** A picture at its own size, or as large as the server takes. */
async function openPicture(studio: Studio, file: File): Promise<void> {
  const status = studio.renderer.status.peek();
  const { width, height, pixels } = await readWithin(file, status.kind === 'ready' ? status.limits.side : 2048);
  studio.openPicture(width, height, pixels, file.name);
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
  const { areOwn, range } = studio.paints;
  const drawings =
    range !== null ? '.pix2pixhd,.npy,image/png' : areOwn ? '.pix2pixhd,image/*' : '.pix2pixhd,image/png';
  const accept = studio.models === undefined ? drawings : `${drawings},.onnx`;
  chooseFiles(accept, !areOwn || studio.models !== undefined, files => void openFiles(studio, files));
}

/** An image that was rendered as a file. */
function blobOf({ bytes, format }: Rendered): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: `image/${format}` });
}

/** What is shown as PNG. */
async function shownPng(studio: Studio): Promise<Blob> {
  const bitmap = await createImageBitmap(blobOf(studio.renderer.image.value!));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  return canvas.convertToBlob();
}

/** What is said when the result has been given away: how, or that it is not of the drawing as it is now. */
function given(studio: Studio, exact: Rendered | null, done: TextKey): Notice {
  const older = exact === null && studio.renderer.behind.peek();
  return older ? { text: `${texts.givenOlder} ${texts[done]}` } : { text: texts[done], done: true };
}

/** Offers the result as a file: without loss where the engine is there, else what is shown. */
export async function saveResult(studio: Studio): Promise<void> {
  const exact = await studio.renderer.exact();
  if (exact?.format === 'tiff') download('result.tif', blobOf(exact));
  else download('result.png', exact === null ? await shownPng(studio) : blobOf(exact));
  studio.renderer.notice.value = given(studio, exact, 'saved');
}

/** Copies the result, to be pasted into other programs. */
export async function copyResult(studio: Studio): Promise<void> {
  try {
    const made = studio.renderer.exact();
    const image = made.then(exact => (exact?.format === 'png' ? blobOf(exact) : shownPng(studio)));
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': image })]);
    studio.renderer.notice.value = given(studio, await made, 'copied');
  } catch (error) {
    studio.renderer.notice.value = { text: (error as Error).message };
  }
}

/** Offers the drawing as a file. */
export function saveDrawing(studio: Studio): void {
  download('drawing.pix2pixhd', new Blob([studio.projectText]));
  studio.renderer.notice.value = { text: texts.saved, done: true };
}

/** Offers the drawing as what networks read: label map and instance map, or the picture that was drawn. */
export async function saveMaps(studio: Studio): Promise<void> {
  if (studio.paints.areOwn) await savePicture(studio);
  else {
    const { encodeMap, shortIds } = await import('../project/map-files.js');
    const { labels, instances } = studio.maps;
    download('label.png', png(encodeMap(studio.maps, labels, 8)));
    download('inst.png', png(encodeMap(studio.maps, shortIds(instances), 16)));
  }
}

/** The picture that was drawn: values as they are, grey, or colours. */
async function savePicture(studio: Studio): Promise<void> {
  if (studio.paints.range !== null) {
    const { encodeValueFile } = await import('../project/value-files.js');
    const { width, height } = studio.maps;
    const { bytes, extension } = encodeValueFile({ width, height, values: studio.pixels.values() });
    download(`drawing.${extension}`, extension === 'png' ? png(bytes) : new Blob([bytes]));
  } else if (studio.renderer.model.peek()?.inputChannels === 1) {
    const { encodeMap } = await import('../project/map-files.js');
    download('drawing.png', png(encodeMap(studio.maps, Uint16Array.from(studio.pixels.colours()), 8)));
  } else document.querySelector<HTMLCanvasElement>('canvas.map')?.toBlob(blob => blob && download('drawing.png', blob));
}

function png(bytes: Uint8Array<ArrayBuffer>): Blob {
  return new Blob([bytes], { type: 'image/png' });
}
