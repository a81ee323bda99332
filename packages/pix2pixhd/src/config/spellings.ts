/** How an option may be written. Depends on the descriptions of options. */
import { canonical } from './nvidia.js';
import type { OptionInfo } from './option.js';

/** A spelling of an option; `negated` where it is the opposite of a flag. */
export interface Spelling {
  readonly option: OptionInfo;
  readonly negated: boolean;
}

/**
 * Every accepted spelling of every option, by its {@link canonical} form.
 *
 * @throws Error where two options share a spelling.
 */
export function spellingsOf(options: readonly OptionInfo[]): Map<string, Spelling> {
  const spellings = new Map<string, Spelling>();
  const add = (name: string, option: OptionInfo, negated: boolean): void => {
    const known = spellings.get(canonical(name));
    if (known && known.option !== option) throw new Error(`--${name} means ${known.option.key} and ${option.key}`);
    spellings.set(canonical(name), { option, negated });
  };
  for (const option of options) {
    for (const name of [option.key, option.flag, option.nvidia, ...(option.aliases ?? [])]) {
      if (name !== undefined) add(name, option, false);
    }
    if (option.kind === 'flag') add(oppositeOf(option.flag), option, true);
  }
  return spellings;
}

/** `no-flip` for `flip`, and `flip` for `no-flip`. */
export function oppositeOf(flag: string): string {
  return flag.startsWith('no-') ? flag.slice('no-'.length) : `no-${flag}`;
}
