/** Which colour words, English and Korean, a colour is called by. Pure. */

/** A colour that people have a word for. */
export type ColourWord =
  | 'red'
  | 'orange'
  | 'yellow'
  | 'green'
  | 'blue'
  | 'purple'
  | 'pink'
  | 'brown'
  | 'skin'
  | 'white'
  | 'grey'
  | 'black';

/** What people may type, in lower case. */
const typed: Readonly<Record<ColourWord, string>> = {
  red: 'red crimson scarlet 빨강 빨간색 빨간 붉은 적색',
  orange: 'orange 주황색 주황 오렌지',
  yellow: 'yellow 노랑 노란색 노란 황색',
  green: 'green 초록색 초록 녹색 연두',
  blue: 'blue 파랑 파란색 파란 푸른 청색 하늘색',
  purple: 'purple violet 보라색 보라 자주색',
  pink: 'pink 분홍색 분홍 핑크',
  brown: 'brown 갈색 밤색 고동색',
  skin: 'skin 살색 살구색 피부색',
  white: 'white 하양 하얀색 하얀 흰색 백색',
  grey: 'grey gray 회색 잿빛',
  black: 'black 검정 검은색 검은 까만 흑색',
};

/** Letters that a word must have been typed of: fewer are the beginning of a name as well. Syllables say more. */
const leastLetters = 3;

/** The colours whose word begins with what was typed. */
export function coloursTyped(text: string): ReadonlySet<ColourWord> {
  const start = text.trim().toLowerCase();
  const least = /^[a-z]/.test(start) ? leastLetters : 1;
  if (start.length < least) return new Set();
  const words = Object.keys(typed) as ColourWord[];
  return new Set(words.filter(word => typed[word].split(' ').some(one => one.startsWith(start))));
}

/** From 0 to 360, chroma and lightness from 0 to 1 (HSL, with chroma in place of saturation). */
function hueOf(colour: string): { hue: number; chroma: number; lightness: number } {
  const [red, green, blue] = [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const chroma = most - least;
  const lightness = (most + least) / 2;
  if (chroma === 0) return { hue: 0, chroma, lightness };
  const sixth =
    most === red ? (green - blue) / chroma : most === green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
  return { hue: (60 * sixth + 360) % 360, chroma, lightness };
}

/** The words for a colour (`#rrggbb`), by its hue and lightness: at least one; several between two of them. */
export function wordsOf(colour: string): ReadonlySet<ColourWord> {
  const { hue, chroma, lightness } = hueOf(colour);
  if (chroma < 0.1 || lightness < 0.08)
    return new Set([lightness >= 0.92 ? 'white' : lightness < 0.15 ? 'black' : 'grey']);
  const within = (from: number, to: number) => (from <= to ? hue >= from && hue < to : hue >= from || hue < to);
  const vivid = chroma >= 0.4;
  const rules: readonly (readonly [ColourWord, boolean])[] = [
    ['red', within(338, 14) && (vivid || (lightness < 0.3 && chroma >= 0.25))],
    ['orange', within(14, 44) && chroma >= 0.45],
    ['yellow', within(44, 68) || (within(36, 44) && chroma >= 0.6)],
    ['green', within(68, 172)],
    ['blue', within(165, 255)],
    ['purple', within(242, 312)],
    ['pink', within(300, 338) || (within(330, 14) && lightness >= 0.68)],
    ['brown', within(330, 44) && !(vivid && lightness >= 0.35 && chroma >= 0.5) && lightness < 0.7],
    ['skin', within(8, 44) && lightness >= 0.5 && chroma < 0.6],
  ];
  return new Set(rules.filter(([, holds]) => holds).map(([word]) => word));
}
