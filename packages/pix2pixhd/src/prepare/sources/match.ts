/**
 * Files that belong together, by a rule for the names of each role. Depends on raw-pair.ts.
 */
import type { Material, PartRole, RawPair } from '../raw-pair.js';

/**
 * How files of each role are called, relative to the folder that they are searched in. Files pair whose keys are equal: the named
 * groups `stem`, `group` and `phase`, or where there is none of these all groups.
 */
export type NameRules = { readonly [role in PartRole]?: RegExp };

/** A file of a role, and what its name says. */
export interface NamedFile {
  readonly file: string;
  /** Relative to the folder that it was found in, with `/`. */
  readonly name: string;
}

interface Key {
  readonly key: string;
  readonly stem: string;
  readonly group?: string;
  readonly phase?: string;
}

/**
 * Pairs files by rules.
 *
 * @param files the candidates of each role; one list may serve several roles.
 * @param what the material in words.
 */
export function matchNames(
  files: { readonly [role in PartRole]?: readonly NamedFile[] },
  rules: NameRules,
  what: string,
): Material {
  const roles = Object.keys(rules) as PartRole[];
  const found = new Map<string, { key: Key; parts: { [role in PartRole]?: { file: string } } }>();
  const leftOut: { file: string; why: string }[] = [];
  for (const role of roles) {
    for (const { file, name } of files[role] ?? []) {
      const key = keyOf(name, rules[role]!);
      if (key === undefined) {
        if (named(rules[role]!)) continue;
        leftOut.push({ file, why: 'has a name that the rule does not match' });
        continue;
      }
      const known = found.get(key.key);
      if (known === undefined) found.set(key.key, { key, parts: { [role]: { file } } });
      else if (known.parts[role] === undefined) known.parts[role] = { file };
      else leftOut.push({ file, why: `has the same key as ${known.parts[role].file}` });
    }
  }
  const pairs: RawPair[] = [];
  for (const { key, parts } of found.values()) {
    const missing = roles.filter(role => parts[role] === undefined);
    if (missing.length === 0) pairs.push({ ...withoutKey(key), parts });
    else
      for (const { file } of Object.values(parts))
        leftOut.push({ file, why: `has no ${missing.map(role => roleInWords[role]).join(', no ')}` });
  }
  return { what, pairs: pairs.sort((a, b) => (a.stem < b.stem ? -1 : 1)), leftOut };
}

/** A role as a person calls it. */
export const roleInWords: Readonly<Record<PartRole, string>> = {
  source: 'input image',
  image: 'target image',
  label: 'label map',
  instance: 'instance map',
};

/** Whether a rule is that of a layout, which has many other files. */
function named({ source }: RegExp): boolean {
  return source.includes('(?<stem>');
}

function keyOf(name: string, rule: RegExp): Key | undefined {
  const match = rule.exec(name);
  if (match === null) return undefined;
  const named = match.groups ?? {};
  const parts = Object.keys(named).length > 0 ? [named.group, named.stem] : match.slice(1);
  const stem = parts.filter(word => word !== undefined && word !== '').join('/');
  if (stem === '') return undefined;
  return {
    key: `${named.phase ?? ''}\0${stem}`,
    stem,
    ...(named.group !== undefined && { group: named.group }),
    ...(named.phase !== undefined && { phase: named.phase }),
  };
}

function withoutKey({ stem, group, phase }: Key): Pick<RawPair, 'stem' | 'group' | 'phase'> {
  return { stem, ...(group !== undefined && { group }), ...(phase !== undefined && { phase }) };
}
