/**
 * The page of results: what the network made of images it had not seen, and how near that is to the real ones. Depends on
 * pix2pixhd's HTML helpers and metrics.
 */

import {
  escapeHtml,
  type Figures,
  formatFigure,
  metricNames,
  metrics,
  page,
  pngImage,
  tiles,
} from 'pix2pixhd/internal';

/** One held-out pair and what was made of it; images are PNG files. */
export interface DemoResult {
  readonly label: string;
  readonly input: Uint8Array;
  readonly generated: Uint8Array;
  readonly real: Uint8Array;
  /** Of the generated image against the real one. */
  readonly figures: Figures;
}

/** What the page shows. */
export interface DemoPage {
  readonly title: string;
  /** A sentence or two under the title. */
  readonly lead: string;
  /** Figures about the run: `['steps', '3,512']`. */
  readonly facts: ReadonlyArray<readonly [name: string, value: string]>;
  /** Means over all held-out pairs: of the generated images, and of the untouched inputs. */
  readonly means: { readonly generated: Figures; readonly input: Figures };
  /** The number of pairs behind the means; the gallery may show fewer. */
  readonly pairs: number;
  readonly results: readonly DemoResult[];
  /** Commands to try next, with what each is for. */
  readonly next: ReadonlyArray<{ readonly what: string; readonly command: string }>;
}

/**
 * Renders the page.
 *
 * @returns HTML that needs no other files.
 * @throws RangeError if an image is not a PNG file.
 */
export function renderDemoPage({ title, lead, facts, means, pairs, results, next }: DemoPage): string {
  const body = [
    `<header><h1>${escapeHtml(title)}</h1></header>`,
    '<main>',
    `<p>${escapeHtml(lead)}</p>`,
    facts.length > 0 ? tiles(facts) : '',
    '<h2>Held-out images</h2>',
    `<div class="gallery">${results.map(card).join('')}</div>`,
    '<h2>Figures</h2>',
    figuresTable(means),
    `<p class="quiet">Means over ${pairs} held-out pairs, against the real images. The input shares every outline with the real image, so leaving it untouched is a hard opponent.</p>`,
    next.length > 0 ? `<h2>What to try next</h2>${next.map(suggestion).join('')}` : '',
    '</main>',
  ];
  return page(title, body.filter(part => part !== '').join('\n'));
}

function card({ label, input, generated, real, figures }: DemoResult): string {
  const image = (caption: string, png: Uint8Array) =>
    `<div>${pngImage(png, `${label}, ${caption}`)}<span>${caption}</span></div>`;
  const numbers = metricNames.map(name => `${metrics[name].title} ${formatFigure(name, figures[name])}`).join(' · ');
  return `<figure class="card"><div class="trio">${image('input', input)}${image('generated', generated)}${image('real', real)}</div><figcaption><b>${escapeHtml(label)}</b><span class="quiet">${numbers}</span></figcaption></figure>`;
}

function figuresTable({ generated, input }: DemoPage['means']): string {
  const head = metricNames.map(
    name => `<th scope="col">${metrics[name].title}, ${metrics[name].better} is better</th>`,
  );
  const row = (title: string, own: Figures, other: Figures) => {
    const cells = metricNames.map(name => {
      const ahead = metrics[name].better === 'higher' ? own[name] > other[name] : own[name] < other[name];
      return `<td${ahead ? ' class="best"' : ''}>${formatFigure(name, own[name])}</td>`;
    });
    return `<tr><th scope="row">${title}</th>${cells.join('')}</tr>`;
  };
  return `<div class="card figures"><table><thead><tr><th></th>${head.join('')}</tr></thead><tbody>${row('generated', generated, input)}${row('input, untouched', input, generated)}</tbody></table></div>`;
}

function suggestion({ what, command }: DemoPage['next'][number]): string {
  return `<p>${escapeHtml(what)}</p><pre class="card">${escapeHtml(command)}</pre>`;
}
