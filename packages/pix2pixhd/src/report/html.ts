/** What every page shares: escaping, embedding, and the frame with its style. Depends on `page-style.ts` only. */

import { pageStyle } from './page-style.js';

/** Text escaped for HTML, attributes included. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, character => entities[character]!);
}

/** A value as JSON for a `script` element: nothing in it can end the element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * An `img` element that contains its PNG file, or refers to it. It states its size, so that a page does not
 * jump when it reloads.
 *
 * @param png the file's bytes; the first 24 are enough where it is referred to.
 * @param href where the file lies, relative to the page; it is loaded when it is shown. Without it, the page contains the file.
 * @throws RangeError if the bytes are not a PNG file.
 */
export function pngImage(png: Uint8Array, alt: string, href?: string): string {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.length);
  if (bytes.length < 24 || bytes.readUInt32BE(0) !== 0x89504e47) throw new RangeError(`${alt}: not a PNG file`);
  // The first chunk, IHDR, begins with width and height (PNG specification, 11.2.2).
  const size = `width="${bytes.readUInt32BE(16)}" height="${bytes.readUInt32BE(20)}"`;
  const source = href ?? `data:image/png;base64,${bytes.toString('base64')}`;
  return `<img ${size} alt="${escapeHtml(alt)}"${href === undefined ? '' : ' loading="lazy"'} src="${escapeHtml(source)}">`;
}

/** An `img` element that contains its WebP file. @param size of the image in pixels. */
export function webpImage(
  webp: Uint8Array,
  size: { readonly width: number; readonly height: number },
  alt: string,
): string {
  const base64 = Buffer.from(webp.buffer, webp.byteOffset, webp.length).toString('base64');
  return `<img width="${size.width}" height="${size.height}" alt="${escapeHtml(alt)}" src="data:image/webp;base64,${base64}">`;
}

/** A whole number with thousands separated, as in `12,000`. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Figures in a row, each under its name. Names and values are escaped here. */
export function tiles(entries: ReadonlyArray<readonly [name: string, value: string]>): string {
  const items = entries.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`);
  return `<dl class="tiles">${items.join('')}</dl>`;
}

/** Where a page may load images from: only itself, or also the files beside it, on a disk or a server. */
const imageSources = { inside: 'data:', beside: "data: 'self' file:" } as const;

/**
 * A page. Its content security policy allows only images, from where `images` says, so it looks the same from a disk or a
 * server.
 *
 * @param title plain text.
 * @param body HTML.
 * @param script JavaScript that runs at the end of the body, or nothing.
 */
export function page(title: string, body: string, script = '', images: keyof typeof imageSources = 'inside'): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src ${imageSources[images]}; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
${body}
${script === '' ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}
