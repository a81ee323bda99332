/** Files in and out of the page. Depends on the studio and the browser. */
import type { Studio } from './studio.js';
import { filled } from './texts.js';

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
  const status = studio.renderer.status.peek();
  if (file === undefined || (status.kind === 'ready' && status.readOnly)) return;
  studio.renderer.notice.value = null;
  try {
    const image = file.type.startsWith('image/');
    if (image && studio.paints.areColours) await openPicture(studio, file);
    else if (image || files.length > 1) await openMaps(studio, files);
    else studio.openProject(await file.text());
  } catch (error) {
    studio.renderer.notice.value = { text: `${file.name}: ${(error as Error).message}` };
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
  const bitmap = await createImageBitmap(file);
  const status = studio.renderer.status.peek();
  const longest = status.kind === 'ready' ? status.limits.side : 2048;
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4) for (let c = 0; c < 3; c++) pixels[to++] = data[from + c]!;
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

/** Lets the person choose a file, or two maps, and opens them. */
export function openFile(studio: Studio): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = studio.paints.areColours ? '.pix2pixhd,image/*' : '.pix2pixhd,image/png';
  input.multiple = !studio.paints.areColours;
  input.onchange = () => void openFiles(studio, [...(input.files ?? [])]);
  input.click();
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
  const { encodeMap, shortIds } = await import('../project/map-files.js');
  const { labels, instances } = studio.maps;
  const png = (values: Uint16Array | Int32Array, bits: 8 | 16) =>
    new Blob([encodeMap(studio.maps, values, bits)], { type: 'image/png' });
  download('label.png', png(labels, 8));
  download('inst.png', png(shortIds(instances), 16));
}
