/**
 * Choices of styles as JSON has them, checked. Depends on style-choices.ts for types.
 */
import type { Style, StyleChoices } from './style-choices.js';

/** Choices that cannot be understood: `message` says which, by its key. */
export class InvalidStyle extends Error {
  override readonly name = 'InvalidStyle';
}

/**
 * Checks choices: `{"default": STYLE, "classes": {"26": STYLE}, "instances": {"26001": STYLE}}`, where a STYLE is `"random"`,
 * `"mean"`, `{"cluster": 2}` or a list of `featNum` numbers. All three are optional; the default is "random".
 *
 * @throws InvalidStyle naming the keys at fault.
 */
export function parseStyleChoices(value: unknown, featNum: number): StyleChoices {
  if (!isRecord(value)) throw new InvalidStyle(`${inWords(value)} instead of an object`);
  const faults = Object.keys(value)
    .filter(key => !['default', 'classes', 'instances'].includes(key))
    .map(key => `${key}: not a key of choices`);
  const read = (style: unknown, key: string): Style => {
    const fault = faultOf(style, featNum);
    if (fault !== undefined) faults.push(`${key}: ${fault}`);
    return style as Style;
  };
  const byId = (styles: unknown, key: string) => {
    if (!isRecord(styles)) {
      faults.push(`${key}: ${inWords(styles)} instead of an object`);
      return new Map<number, Style>();
    }
    return new Map(
      Object.entries(styles).map(([id, style]) => {
        if (!/^-?\d+$/.test(id)) faults.push(`${key}.${id}: not an id`);
        return [Number(id), read(style, `${key}.${id}`)] as const;
      }),
    );
  };
  const choices = {
    default: read(value.default ?? 'random', 'default'),
    classes: byId(value.classes ?? {}, 'classes'),
    instances: byId(value.instances ?? {}, 'instances'),
  };
  if (faults.length > 0) throw new InvalidStyle(faults.join('; '));
  return choices;
}

/** Why a value is not a STYLE. */
function faultOf(style: unknown, featNum: number): string | undefined {
  if (style === 'random' || style === 'mean') return undefined;
  if (Array.isArray(style)) {
    if (style.length !== featNum) return `${style.length} numbers instead of ${featNum}`;
    const odd = style.find(number => typeof number !== 'number' || !Number.isFinite(number));
    return odd === undefined ? undefined : `${inWords(odd)} is not a number`;
  }
  if (isRecord(style) && Object.keys(style).join() === 'cluster') {
    const { cluster } = style;
    const isCount = Number.isSafeInteger(cluster) && (cluster as number) >= 0;
    return isCount ? undefined : `${inWords(cluster)} is not the number of a cluster, from 0 on`;
  }
  return `${inWords(style)} is not a STYLE`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inWords(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
