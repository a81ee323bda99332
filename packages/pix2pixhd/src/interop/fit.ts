/**
 * Checks that a state dict fits a network; if not, throws one error with every difference and the option that is likely
 * wrong. Depends on the options' descriptions and the shapes' facts.
 */
import { optionsOf } from '../config/option.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import type { ShapeFacts, Shapes } from './shape-facts.js';

/** How many differences of each kind are listed. */
const listed = 10;

/** What is compared, for the error. */
export interface Fit {
  /** The file. */
  readonly file: string;
  /** "generator". */
  readonly what: string;
  readonly found: Shapes;
  readonly expected: Shapes;
  readonly facts: ShapeFacts;
  /** The network's input channels according to the options. */
  readonly inputChannels: number;
  readonly config: TrainConfig;
}

/** @throws UserError listing missing and unexpected keys and wrong shapes, with the options to change. */
export function checkFit(fit: Fit): void {
  const { file, what, found, expected } = fit;
  const missing = [...expected].filter(([key]) => !found.has(key)).map(([key, shape]) => `${key} [${shape}]`);
  const unexpected = [...found].filter(([key]) => !expected.has(key)).map(([key, shape]) => `${key} [${shape}]`);
  const misshapen = [...expected].flatMap(([key, shape]) => {
    const other = found.get(key);
    return other === undefined || String(other) === String(shape) ? [] : [`${key} is [${other}], not [${shape}]`];
  });
  const lines = [
    list('missing', missing),
    list('unexpected', unexpected),
    list('of a different shape', misshapen),
  ].flat();
  if (lines.length === 0) return;
  throw new UserError({
    code: 'WEIGHTS_MISMATCH',
    doing: `importing the ${what} of an official checkpoint`,
    where: file,
    found: `weights that do not fit the options\n    ${lines.join('\n    ')}`,
    expected: `the ${expected.size} tensors that the options ask for`,
    remedy: remedyFor(fit),
  });
}

function list(kind: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return [];
  const more = entries.length > listed ? [`  … and ${entries.length - listed} more`] : [];
  return [`${kind}:`, ...entries.slice(0, listed).map(entry => `  ${entry}`), ...more];
}

function remedyFor({ what, facts, inputChannels, config }: Fit): string {
  const options = optionsOf(trainSchema);
  const own = config as Record<string, unknown>;
  const changes = Object.entries(facts.options).flatMap(([key, value]) => {
    const option = options.find(candidate => candidate.key === key);
    if (option === undefined || own[key] === value) return [];
    return [`--${option.flag} ${value} (it is ${own[key]} now)`];
  });
  const parts = changes.length > 0 ? [`by its shapes, the file was trained with ${changes.join(', ')}`] : [];
  if (facts.inputChannels !== undefined && facts.inputChannels !== inputChannels)
    parts.push(channelRemedy(facts.inputChannels, inputChannels, config));
  if (parts.length > 0) return parts.join('; ');
  return `check that the file is the ${what} of the public implementation, complete, and from this run`;
}

/** Several options add up to the channel count, so no single one can be named. */
function channelRemedy(found: number, expected: number, { labelNc, noInstance }: TrainConfig): string {
  if (labelNc === 0 && !noInstance && found === expected + 1)
    return 'it was trained on images with instance maps, which this program does not support; it cannot be imported';
  const options = '--label-nc, --no-instance, --input-nc, --output-nc, --instance-feat, --label-feat or --feat-num';
  return `it takes ${found} input channels, but the options give ${expected}: change ${options}`;
}
