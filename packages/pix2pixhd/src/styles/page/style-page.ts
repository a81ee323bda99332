/**
 * The page of a network's styles: for every class one scene under each of the class's clusters. One HTML file with all in
 * it. Depends on sharp, the report's HTML and the image type of the evaluation module.
 */

import type { Image8 } from '../../raster.js';
import { escapeHtml, grouped, page } from '../../report/html.js';
import { toSharp } from '../../sharp-image.js';

/** One cluster of a class and the scene under it. */
export interface ShownStyle {
  /** Grey or RGB. */
  readonly scene: Image8;
  /** Training instances of this style. */
  readonly count: number;
  /** One of them. */
  readonly crop?: Image8;
}

/** The styles of one class. */
export interface ShownClass {
  /** `class 26`, or `class 26, car`. */
  readonly title: string;
  /** Training instances. */
  readonly instances: number;
  /** Which image the scene is. */
  readonly stem: string;
  /** Where the class is in it, the same size as the scenes. */
  readonly where: Image8;
  /** By cluster number. */
  readonly styles: readonly ShownStyle[];
}

/** What the page shows. */
export interface StylePage {
  readonly name: string;
  /** A sentence or two under the title. */
  readonly lead: string;
  readonly classes: readonly ShownClass[];
}

/** Longer sides of the images on the page, in pixels; larger images are reduced. */
const longestScene = 384;
const longestCrop = 64;

/**
 * Renders the page.
 *
 * @returns HTML that loads nothing from outside.
 */
export async function renderStylePage({ name, lead, classes }: StylePage): Promise<string> {
  const sections: string[] = [];
  for (const shown of classes) sections.push(await section(shown));
  const body = [
    `<header><h1>${escapeHtml(`Styles of ${name}`)}</h1></header>`,
    '<main>',
    `<p>${escapeHtml(lead)}</p>`,
    ...sections,
    '</main>',
  ];
  return page(`${name} · styles`, body.join('\n'));
}

async function section({ title, instances, stem, where, styles }: ShownClass): Promise<string> {
  const input = `<figure class="card">${await embed(where, longestScene, `${title} in ${stem}`)}<figcaption><b>${escapeHtml(stem)}</b><span class="quiet">coloured: ${escapeHtml(title)}</span></figcaption></figure>`;
  const cards = styles.map((style, k) => card(style, title, k));
  const facts = `${grouped(instances)} training instances in ${styles.length} ${styles.length === 1 ? 'cluster' : 'clusters'}; all other classes in their mean style`;
  return `<h2>${escapeHtml(title)}</h2><p class="quiet">${facts}</p><div class="gallery styles">${[input, ...(await Promise.all(cards))].join('')}</div>`;
}

async function card({ scene, count, crop }: ShownStyle, title: string, cluster: number): Promise<string> {
  const image = await embed(scene, longestScene, `${title} under cluster ${cluster}`);
  const example = crop === undefined ? '' : await embed(crop, longestCrop, `an instance of cluster ${cluster}`);
  return `<figure class="card">${image}<figcaption>${example}<span><code>cluster:${cluster}</code><br><span class="quiet">${grouped(count)} ${count === 1 ? 'instance' : 'instances'}</span></span></figcaption></figure>`;
}

/** An `img` element that contains its WebP file, a quarter of a PNG's size. */
async function embed(image: Image8, longest: number, alt: string): Promise<string> {
  const { data: webp, info } = await toSharp(image)
    .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 88 })
    .toBuffer({ resolveWithObject: true });
  return `<img width="${info.width}" height="${info.height}" alt="${escapeHtml(alt)}" src="data:image/webp;base64,${webp.toString('base64')}">`;
}
