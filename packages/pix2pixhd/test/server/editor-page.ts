/** The editor's page as a person has it: places of the drawing, tools, what is shown. Depends on playwright-core. */
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** An editor that is open. */
export interface OpenEditor {
  readonly page: Page;
  readonly ui: EditorPage;
  /** What went wrong in the page so far: exceptions, and errors of its console but those of a lost connection. */
  readonly problems: readonly string[];
}

/** Opens the editor in a browser context of its own, and waits for the first result. */
export async function openEditor(
  browser: Browser,
  address: URL,
  { prepare, ...options }: BrowserContextOptions & { readonly prepare?: (page: Page) => void } = {},
): Promise<OpenEditor> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options })).newPage();
  const problems: string[] = [];
  page.on('pageerror', error => problems.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error' && !/WebSocket|ERR_/.test(message.text())) problems.push(message.text());
  });
  prepare?.(page);
  await page.goto(address.href);
  const ui = new EditorPage(page);
  await ui.rendered(-1);
  return { page, ui, problems };
}

/** A page that shows the editor. */
export class EditorPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The revision that is shown, once it is a later one. */
  async rendered(than: number): Promise<number> {
    const handle = await this.#page.waitForFunction(least => {
      const shown = Number(document.querySelector<HTMLCanvasElement>('canvas.result')?.dataset.revision ?? -1);
      return shown > least ? shown + 1 : false;
    }, than);
    return Number(await handle.jsonValue()) - 1;
  }

  /** The revision that is shown. */
  shown(): Promise<number> {
    return this.#page.$eval('canvas.result', canvas => Number((canvas as HTMLCanvasElement).dataset.revision));
  }

  /** The pixels of the drawing as text, once what was done is drawn. */
  async drawing(): Promise<string> {
    await this.#page.evaluate(
      () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    return this.#page.$eval('canvas.map', canvas => (canvas as HTMLCanvasElement).toDataURL());
  }

  /** The pixels of the drawing once they are others: a busy machine draws late. */
  async changed(from: string): Promise<string> {
    for (let i = 0; i < 50; i++) {
      const now = await this.drawing();
      if (now !== from) return now;
      await this.#page.waitForTimeout(100);
    }
    return from;
  }

  /** Where a place of the drawing, in shares of it, is on the screen. */
  async place(x: number, y: number): Promise<[number, number]> {
    const box = (await this.#page.locator('.stage').first().boundingBox())!;
    return [box.x + x * box.width, box.y + y * box.height];
  }

  /** Drags the pointer from place to place. */
  async drag(...points: [number, number][]): Promise<void> {
    const { mouse } = this.#page;
    await mouse.move(...(await this.place(...points[0]!)));
    await mouse.down();
    for (const point of points.slice(1)) await mouse.move(...(await this.place(...point)), { steps: 4 });
    await mouse.up();
  }

  /** Chooses a tool. */
  tool(name: string): Promise<void> {
    return this.#page.getByRole('toolbar').getByText(name, { exact: true }).click();
  }

  /** How many steps there are. */
  steps(): Promise<number> {
    return this.#page.locator('.steps li').count();
  }

  /** Chooses an entry of the menu of what can be saved. */
  async saveAs(entry: string): Promise<void> {
    await this.#page.getByText('Save …', { exact: true }).click();
    await this.#page.getByText(entry, { exact: true }).click();
  }

  /** Saves the maps into a folder. @returns the files of label map and instance map. */
  async saveMaps(folder: string): Promise<string[]> {
    const names = ['label.png', 'inst.png'];
    const downloads = names.map(name =>
      this.#page.waitForEvent('download', { predicate: file => file.suggestedFilename() === name }),
    );
    await this.saveAs('Label and instance maps');
    const files = await Promise.all(downloads);
    await Promise.all(files.map((file, i) => file.saveAs(join(folder, names[i]!))));
    return names.map(name => join(folder, name));
  }

  /** Opens files. */
  async open(files: string[]): Promise<void> {
    const chooser = this.#page.waitForEvent('filechooser');
    await this.#page.getByText('Open …').click();
    await (await chooser).setFiles(files);
  }
}
