/**
 * A model that a person has opened on the page in place of the site's own: it is kept in the browser, and the address says that it is
 * shown. Depends on the Cache API.
 */

const store = 'pix2pixhd-chosen-model';
const shown = '#own-model';

const kinds = ['model', 'encoder'] as const;

/** Whether a file is a model. */
export function isModel({ name }: File): boolean {
  return /\.onnx$/i.test(name);
}

/** Keeps the files, and shows the page anew with them. @param files one is the encoder if its name says so. */
export async function choose(files: readonly File[]): Promise<void> {
  const isEncoder = ({ name }: File) => /encoder/i.test(name);
  const model = files.find(file => !isEncoder(file)) ?? files[0]!;
  const encoder = files.find(file => file !== model && isEncoder(file));
  const cache = await caches.open(store);
  for (const [kind, file] of [
    ['model', model],
    ['encoder', encoder],
  ] as const) {
    if (file === undefined) await cache.delete(placeOf(kind));
    else await cache.put(placeOf(kind), new Response(file, { headers: { 'x-name': encodeURIComponent(file.name) } }));
  }
  location.hash = shown;
  location.reload();
}

/** The files that the address asks for; undefined where it asks for none, or they are gone. */
export async function chosen(): Promise<{ model: File; encoder: File | undefined } | undefined> {
  if (location.hash !== shown) return undefined;
  const cache = await caches.open(store);
  const [model, encoder] = await Promise.all(
    kinds.map(async kind => {
      const kept = await cache.match(placeOf(kind));
      if (kept === undefined) return undefined;
      return new File([await kept.blob()], decodeURIComponent(kept.headers.get('x-name') ?? kind));
    }),
  );
  return model && { model, encoder };
}

/** Shows the site's own model again. */
export function leave(): void {
  location.hash = '';
  location.reload();
}

/** An address that no file of the site has. */
function placeOf(kind: (typeof kinds)[number]): string {
  return new URL(`own-model/${kind}`, document.baseURI).href;
}
