/** Names of colours in plain words, for lists of classes. Depends on `space.ts`. */

import { fromHex, type Lab, labDistance, type Rgb, toLab } from './space.js';

const named: ReadonlyArray<readonly [name: string, colour: Lab]> = Object.entries({
  black: '#000000',
  'dark grey': '#404040',
  grey: '#808080',
  'light grey': '#c8c8c8',
  white: '#ffffff',
  'dark red': '#8b1020',
  red: '#e02030',
  'light red': '#ff7a78',
  'dark brown': '#4a2c24',
  brown: '#80502f',
  'light brown': '#b98257',
  beige: '#e8cfa8',
  peach: '#ffcfb0',
  'dark orange': '#d06010',
  orange: '#ff9020',
  amber: '#ffb830',
  yellow: '#ffe030',
  'light yellow': '#fff3a0',
  olive: '#7a7a20',
  'dark green': '#146030',
  green: '#30a040',
  'light green': '#90d870',
  'dark teal': '#106070',
  teal: '#10a0a0',
  'light teal': '#80e0d8',
  'dark blue': '#203080',
  blue: '#2070e0',
  'sky blue': '#10a0ec',
  'light blue': '#60b8ff',
  'pale blue': '#c0e4ff',
  'blue grey': '#64809a',
  violet: '#5848e8',
  'dark purple': '#502070',
  purple: '#8040c0',
  'light purple': '#b890f0',
  'dark pink': '#a81860',
  pink: '#f060a8',
  'light pink': '#ffb4d4',
}).map(([name, hex]) => [name, toLab(fromHex(hex))]);

/** The name of each colour; colours with the same name are numbered: `dark red`, `dark red 2`. */
export function nameColours(colours: readonly Rgb[]): string[] {
  const used = new Map<string, number>();
  return colours.map(colour => {
    const name = nearestName(toLab(colour));
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

function nearestName(colour: Lab): string {
  return named.reduce((best, entry) =>
    labDistance(entry[1], colour) < labDistance(best[1], colour) ? entry : best,
  )[0];
}
