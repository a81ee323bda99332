/**
 * What `prepare` decided, as `dataset.json` in the data set's folder keeps it: `train` and `check` take from it the options that are
 * not given. Depends on zod and the file system.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors.js';

/** The file in the data set's folder. */
export const DATASET_FILE = 'dataset.json';

/** The options of training that follow from the data. */
const optionsSchema = z.object({
  labelNc: z.int().min(0).optional(),
  noInstance: z.boolean().optional(),
  inputNc: z.int().min(1).optional(),
  outputNc: z.int().min(1).optional(),
  inputRange: z.string().optional(),
  outputRange: z.string().optional(),
});

const schema = z.looseObject({
  format: z.literal('pix2pixhd-dataset'),
  version: z.int(),
  finished: z.boolean(),
  options: optionsSchema,
});

/** The options of training that follow from the data. */
export type DatasetOptions = z.infer<typeof optionsSchema>;

/** The contents, as far as other commands read them. */
export type DatasetFile = z.infer<typeof schema>;

/** The version that is written. */
export const DATASET_VERSION = 1;

/**
 * Reads what was decided.
 *
 * @returns undefined where the data set was not prepared by this program.
 * @throws UserError where the file is damaged, or of a later version.
 */
export function readDatasetFile(dataroot: string): DatasetFile | undefined {
  const path = join(dataroot, DATASET_FILE);
  if (!existsSync(path)) return undefined;
  const problem = (found: string, cause?: unknown) =>
    new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: 'reading what was decided when the data set was prepared',
        where: path,
        found,
        expected: `a file of pix2pixhd prepare, version ${DATASET_VERSION} or earlier`,
        remedy: 'prepare the data set again, or remove the file and give the options yourself',
      },
      { cause },
    );
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw problem(reasonOf(cause), cause);
  }
  // A file of that name may be another program's.
  if ((content as { format?: unknown } | null)?.format !== 'pix2pixhd-dataset') return undefined;
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw problem(z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' '));
  if (parsed.data.version > DATASET_VERSION) throw problem(`version ${parsed.data.version}`);
  return parsed.data;
}

/**
 * The options that a data set decides, for those that are not given.
 *
 * @throws UserError where its preparation was not finished.
 */
function datasetOptions(dataroot: string): DatasetOptions {
  const file = readDatasetFile(dataroot);
  if (file === undefined) return {};
  if (file.finished) return file.options;
  throw new UserError({
    code: 'DATASET_NOT_FOUND',
    doing: 'looking for the data set',
    where: dataroot,
    found: 'a data set whose preparation was interrupted',
    expected: 'one that is complete',
    remedy: 'run the same pix2pixhd prepare again: it does what is missing',
  });
}

/** Options with what was decided when their data set was prepared, for what is not given. */
export function withDatasetOptions<
  G extends { readonly dataroot?: string; readonly labelNc?: number; readonly inputs?: string | null },
>(given: G): G {
  if (given.dataroot === undefined) return given;
  const { inputNc, inputRange, ...decided } = datasetOptions(given.dataroot);
  // Another kind of network on the same data: its own options count.
  if (given.labelNc !== undefined && (given.labelNc === 0) !== (decided.labelNc === 0)) return given;
  // Several inputs are not the one that was decided about.
  const ofInput = {
    ...(inputNc !== undefined && { inputNc }),
    ...(inputRange !== undefined && { inputRange }),
  };
  return { ...decided, ...(given.inputs == null && ofInput), ...given };
}
