/**
 * Text that a terminal shows without interpreting it. File names may contain any character: a terminal would execute an
 * escape sequence, and a line break would let a name pass for a line of our own. Depends on nothing.
 */

/** Control characters, and those that break lines or change the direction of text. */
const interpreted = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A name, or any text of one line, with its control characters written out: `\n`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(interpreted, character => short[character] ?? escaped(character.charCodeAt(0)));
}

/** The same for a text of several lines, whose line breaks stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A value as JSON in one line, in which these characters are escaped as JSON has it: it reads back as it was. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    interpreted,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escaped(code: number): string {
  const digits = code.toString(16);
  return code < 256 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
}
