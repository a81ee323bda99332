/**
 * `opt.txt`, in which the public implementation records a training's options: reads it into our options, and writes it for
 * one of our runs. Depends on the options' descriptions, the list of the public ones and the file system.
 */
import { readFileSync, statSync } from 'node:fs';
import { canonical } from '../config/nvidia.js';
import { type OptionInfo, optionsOf } from '../config/option.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import { officialDefaults } from './official-options.js';

const firstLine = '------------ Options -------------';
const lastLine = '-------------- End ----------------';

/** A genuine file of options takes two kilobytes. */
export const maxOptionBytes = 2 ** 20;

/** Options about where a training ran and how it started, which do not apply to an imported run. */
const notTaken = new Set(['name', 'model', 'checkpointsDir', 'loadPretrain', 'nIterFixGlobal'].map(canonical));

/**
 * Reads the options that both implementations have.
 *
 * @param overridden keys of our options whose lines are ignored, since they were given elsewhere.
 * @throws UserError naming file, line, and what would be accepted.
 */
export function readOptTxt(path: string, overridden: ReadonlySet<string> = new Set()): Partial<TrainConfig> {
  // Some other file may have any size, and a line takes more memory than it has bytes.
  const lines = statSync(path).size > maxOptionBytes ? [] : readFileSync(path, 'utf8').split(/\r?\n/);
  if (lines[0]?.trim() !== firstLine) {
    throw new UserError({
      code: 'FILE_UNREADABLE',
      doing: 'reading the options of an official checkpoint',
      where: path,
      found: 'some other kind of file',
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
    // Their flags for what are choices here. Their VGG loss corresponds to our default: used if the weights are present.
    if (name === 'no_lsgan' && text === 'True') read.ganMode = 'vanilla';
    if (name === 'no_vgg_loss' && text === 'True') read.vggLoss = false;
    const option = options.get(name);
    if (option === undefined || overridden.has(option.key) || notTaken.has(canonical(option.key))) return;
    read[option.key] = readValue(option, text, `${path}, line ${i + 1}`, name);
  });
  for (const key of overridden) delete read[key];
  return read as Partial<TrainConfig>;
}

/**
 * A value as Python prints it.
 * @param name of the option in the file.
 * @throws UserError naming the place and what would be accepted.
 */
export function readValue(option: OptionInfo, text: string, where: string, name: string): unknown {
  const result = option.schema.safeParse(fromPython(option, text));
  if (result.success) return result.data;
  throw new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading the options of an official checkpoint',
    where: `${where}, ${name}`,
    found: text === '' ? 'an empty value' : text,
    expected: option.allowed,
    remedy: `give --${option.flag} on the command line, which overrides this line`,
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
    values.set(option.nvidia, pythonText(option, (config as Record<string, unknown>)[option.key]));
  }
  const { ganMode, vggLoss, device, labelNc, noInstance, stages, nIterFixGlobal } = config;
  values.set('no_lsgan', pythonFlag(ganMode === 'vanilla'));
  values.set('no_vgg_loss', pythonFlag(vggLoss === false));
  values.set('gpu_ids', device === 'cpu' ? '[]' : `[${/\d+$/.exec(device)?.[0] ?? 0}]`);
  // Theirs feeds instance maps as an extra channel even beside images; ours never does.
  values.set('no_instance', pythonFlag(noInstance || labelNc === 0));
  values.set('niter_fix_global', String(stages === null ? 0 : nIterFixGlobal));
  const lines = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}: ${value}`);
  return `${[firstLine, ...lines, lastLine].join('\n')}\n`;
}

/** A value as Python prints it. */
export function pythonText({ kind }: OptionInfo, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (kind === 'flag') return pythonFlag(value === true);
  return kind === 'number' ? pythonFloat(value as number) : String(value);
}

function pythonFlag(on: boolean): string {
  return on ? 'True' : 'False';
}

/** A float as Python's `str` prints it: always with a point or an exponent; the exponent has two digits and is used below 1e-4. */
function pythonFloat(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
