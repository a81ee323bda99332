/** Files in and out of the page. Depends on the studio and the browser. */
import type { Studio } from './studio.js';

/** Offers a file to be saved. */
export function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Lets the person choose a drawing, and opens it. */
export function openFile(studio: Studio): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.pix2pixhd,application/json';
  input.onchange = async () => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    try {
      studio.openProject(await file.text());
    } catch (error) {
      studio.notice.value = { text: `${file.name}: ${(error as Error).message}` };
    }
  };
  input.click();
}

/** The result as PNG, as it is shown. */
export function exportImage(studio: Studio): void {
  const image = studio.image.value;
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

/** Label map and instance map as PNG. */
export async function exportMaps(studio: Studio): Promise<void> {
  const { width, height, labels, instances } = studio.maps;
  const { encodeGreyPng } = await import('./grey-png.js');
  download('label.png', await encodeGreyPng(width, height, labels, 8));
  download('inst.png', await encodeGreyPng(width, height, instances, 16));
}
