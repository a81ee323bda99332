/** Files in and out of the page. Depends on the studio and the browser. */
import { readWithin } from './pictures.js';
import type { Studio } from './studio.js';

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

/** The result as PNG, as it is shown. */
export function exportImage(studio: Studio): void {
  const image = studio.renderer.image.value;
  if (image === null) return;
  void createImageBitmap(new Blob([image.bytes as Uint8Array<ArrayBuffer>], { type: `image/${image.format}` })).then(
    bitmap => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
      canvas.toBlob(blob => blob && download('result.png', blob));
    },
  );
}

/** Label map and instance map, or the picture that was drawn, as PNG. */
export async function exportMaps(studio: Studio): Promise<void> {
  if (studio.paints.areColours) {
    document.querySelector<HTMLCanvasElement>('canvas.map')?.toBlob(blob => blob && download('drawing.png', blob));
    return;
  }
  const { width, height, labels, instances } = studio.maps;
  const { encodeGreyPng } = await import('./grey-png.js');
  download('label.png', await encodeGreyPng(width, height, labels, 8));
  download('inst.png', await encodeGreyPng(width, height, instances, 16));
}
