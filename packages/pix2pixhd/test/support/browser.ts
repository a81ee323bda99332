/** The browser of this machine, for tests and measurements of pages. Depends on the file system. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Chromium's executable: the one that CHROMIUM names, or the first on the path; undefined where there is none. */
export function findBrowser(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  return folders.flatMap(folder => names.map(name => join(folder, name))).find(file => existsSync(file));
}

/** How that browser is started by playwright, which has none of its own here. */
export const browserLaunch = (): { executablePath: string; args: string[] } => ({
  executablePath: findBrowser()!,
  args: ['--no-sandbox'],
});

/** Why a test of a page is not run; false where there is a browser. */
export const withoutBrowser: string | false =
  findBrowser() === undefined && 'no Chromium: install the package chromium, or name an executable in CHROMIUM';
