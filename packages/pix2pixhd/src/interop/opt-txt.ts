/**
 * `opt.txt`, in which the public implementation records the options of a training: read as ours, and written as it would
 * have written those of one of our runs. Depends on the options' descriptions, the list of the public ones and the file
 * system.
 */
import { readFileSync, statSync } from 'node:fs';
import { canonical } from '../config/nvidia.js';
import { type OptionInfo, optionsOf } from '../config/option.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import { officialDefaults } from './official-options.js';

const firstLine = '------------ Options -------------';
const lastLine = '-------------- End ----------------';

/** The public one has two kilobytes. */
const maxBytes = 2 ** 20;

/** Options that say where a training was and how it began: an imported run is elsewhere, and has begun. */
const notTaken = new Set(['name', 'checkpointsDir', 'loadPretrain', 'nIterFixGlobal'].map(canonical));

/**
 * Reads the options that both implementations have.
 *
 * @param overridden keys of our options whose lines do not matter, since they were given elsewhere.
 * @throws UserError naming file, line, and what would be accepted.
 */
export function readOptTxt(path: string, overridden: ReadonlySet<string> = new Set()): Partial<TrainConfig> {
  // One of another kind may be of any size, and a line takes more memory than it has bytes.
  const lines = statSync(path).size > maxBytes ? [] : readFileSync(path, 'utf8').split(/\r?\n/);
  if (lines[0]?.trim() !== firstLine) {
    throw new UserError({
      code: 'FILE_UNREADABLE',
      doing: 'reading the options of an official checkpoint',
      where: path,
      found: 'another kind of file',
      expected: `a file that begins with ${firstLine}`,
      remedy: 'remove the file and give the network options on the command line: pix2pixhd import --help',
    });
  }
  const options = new Map(
    optionsOf(trainSchema).flatMap(option => (option.nvidia === undefined ? [] : [[option.nvidia, option] as const])),
  );
  const read: Record<string, unknown> = {};
  lines.forEach((line, i) => {
    const [, name, text] = /^(\w+): (.*)$/.exec(line) ?? [];
    if (name === undefined || text === undefined) return;
    // Flags of theirs that are a choice of ours. A VGG loss there means: if the weights are present.
    if (name === 'no_lsgan' && text === 'True') read.ganMode = 'vanilla';
    if (name === 'no_vgg_loss' && text === 'True') read.vggLoss = false;
    const option = options.get(name);
    if (option === undefined || overridden.has(option.key) || notTaken.has(canonical(option.key))) return;
    read[option.key] = readValue(option, text, `${path}, line ${i + 1}`);
  });
  for (const key of overridden) delete read[key];
  return read as Partial<TrainConfig>;
}

function readValue(option: OptionInfo, text: string, where: string): unknown {
  const result = option.schema.safeParse(fromPython(option, text));
  if (result.success) return result.data;
  throw new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading the options of an official checkpoint',
    where: `${where}, ${option.nvidia}`,
    found: text === '' ? 'an empty value' : text,
    expected: option.allowed,
    remedy: `give --${option.flag} on the command line, which overrides the line`,
  });
}

function fromPython({ kind }: OptionInfo, text: string): unknown {
  if (kind === 'flag') return text === 'True' ? true : text === 'False' ? false : text;
  if (kind !== 'integer' && kind !== 'number') return text;
  return /^-?\d+(\.\d*)?(e[+-]?\d+)?$/.test(text) ? Number(text) : text;
}

/** The text of `opt.txt` for one of our runs: every option that the public implementation has, in its order. */
export function formatOptTxt(config: TrainConfig): string {
  const values = new Map(officialDefaults);
  for (const option of optionsOf(trainSchema)) {
    if (option.nvidia === undefined || !values.has(option.nvidia)) continue;
    values.set(option.nvidia, toPython(option, (config as Record<string, unknown>)[option.key]));
  }
  const { ganMode, vggLoss, device, labelNc, noInstance, stages, nIterFixGlobal } = config;
  values.set('no_lsgan', pythonFlag(ganMode === 'vanilla'));
  values.set('no_vgg_loss', pythonFlag(vggLoss === false));
  values.set('gpu_ids', device === 'cpu' ? '[]' : `[${/\d+$/.exec(device)?.[0] ?? 0}]`);
  // Theirs takes instance maps for images too, as one more channel, which ours never has.
  values.set('no_instance', pythonFlag(noInstance || labelNc === 0));
  values.set('niter_fix_global', String(stages === null ? 0 : nIterFixGlobal));
  const lines = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}: ${value}`);
  return `${[firstLine, ...lines, lastLine].join('\n')}\n`;
}

function toPython({ kind }: OptionInfo, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (kind === 'flag') return pythonFlag(value === true);
  return kind === 'number' ? pythonFloat(value as number) : String(value);
}

function pythonFlag(on: boolean): string {
  return on ? 'True' : 'False';
}

/** As Python's `str` has a float: always with a point or an exponent, which begins below 1e-4 and has two digits. */
function pythonFloat(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
