/** Candidates of the user's own, in a JSON file. Depends on zod, the file system and the options of training. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { runNamePattern } from '../config/shared-options.js';
import { reasonOf, UserError } from '../errors.js';
import { type Candidates, layered, type TrainingOptions } from './candidates.js';

const options = z.record(z.string(), z.unknown());

const schema = z.strictObject({
  base: options.default({}),
  candidates: z
    .record(z.string().regex(runNamePattern, 'names are letters, digits and . _ + -'), options)
    .refine(candidates => Object.keys(candidates).length > 0, 'at least one'),
  groups: z.record(z.string(), z.array(z.string()).min(1)).default({}),
});

/**
 * Reads candidates: `base` is what all have in common; `groups` of held-out pairs, by stem, get tables of their own.
 *
 * @param stated options of the command line that all candidates have; they count before `base`.
 * @throws UserError where the file cannot be read, or a candidate has an option that training has not.
 */
export function readConfigs(file: string, stated: TrainingOptions): Candidates {
  const { base, candidates, groups } = parse(file);
  const read = (what: string, given: object) => {
    try {
      return layered(given);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { where, found, expected } = error.parts;
      throw unsuitable(`${file}: ${what}${where === undefined ? '' : `: ${where}`}`, found, expected);
    }
  };
  const names = Object.keys(candidates);
  return {
    base: { ...read('base', base), ...stated },
    candidates: names.map(name => ({ name, changes: read(name, candidates[name]!) })),
    tables: [
      { title: 'all candidates', candidates: names },
      ...Object.entries(groups).map(([title, stems]) => ({ title, candidates: names, stems })),
    ],
    notes: [],
  };
}

function parse(file: string): z.output<typeof schema> {
  if (!existsSync(file))
    throw new UserError({
      code: 'FILE_NOT_FOUND',
      doing: 'reading the candidates of a comparison',
      where: file,
      found: 'no such file',
      expected: 'a JSON file',
      remedy: 'correct --configs, or leave it out for the ablations of the paper',
    });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw unsuitable(file, reasonOf(cause));
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw unsuitable(file, z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' '));
  return parsed.data;
}

function unsuitable(where: string, found: string, expected?: string): UserError {
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading the candidates of a comparison',
    where,
    found,
    expected:
      expected ??
      '{"base": {options}, "candidates": {"NAME": {options}, …}, "groups": {"NAME": [stems], …}}, with options as config.json of a run names them',
    remedy: 'correct the file that --configs names; pix2pixhd train --help explains the options',
  });
}
