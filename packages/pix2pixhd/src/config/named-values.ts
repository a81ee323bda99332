/** Options that name what they stand for: `--results NAME=FOLDER`. Depends on nothing. */

/** A name and what it stands for. */
export interface Named {
  readonly name: string;
  readonly value: string;
}

/** `NAME=VALUE`, whose form the options have checked, taken apart at the first equals sign. */
export function namedValues(texts: readonly string[]): readonly Named[] {
  return texts.map(text => {
    const at = text.indexOf('=');
    return { name: text.slice(0, at), value: text.slice(at + 1) };
  });
}
