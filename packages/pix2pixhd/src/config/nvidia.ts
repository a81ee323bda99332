/**
 * Options of NVIDIA's command line that mean something else here, or nothing: the few that are not mere spellings of
 * ours, so that an existing command line either works or says what to change. Depends on nothing.
 */

/** An NVIDIA option that sets one of ours to another value. Keys are {@link canonical} spellings. */
export interface Translation {
  /** The key of our option. */
  readonly key: string;
  /** Whether a value follows on the command line. */
  readonly takesValue: boolean;
  /** Our value for NVIDIA's, or `undefined` where it has no counterpart; then `expected` says what would. */
  readonly translate: (value: string) => string | undefined;
  readonly expected: string;
}

/** A spelling without dashes, underscores and capitals: `--label_nc`, `--labelNc` and `--label-nc` are one option. */
export function canonical(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}

/** Options that are translated. */
export const translations: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  [
    'gpuids',
    {
      key: 'device',
      takesValue: true,
      expected: '-1 for the CPU, or the number of one graphics card',
      translate: value => (value === '-1' ? 'cpu' : /^\d+$/.test(value) ? `cuda:${value}` : undefined),
    },
  ],
  [
    'nolsgan',
    {
      key: 'ganMode',
      takesValue: false,
      expected: 'no value after it',
      translate: value => (value === 'true' ? 'vanilla' : undefined),
    },
  ],
]);

const styles = 'styles are chosen when generating: pix2pixhd encode, then pix2pixhd generate --style';
const notNeeded = 'it is not needed here; leave the option out';

/** Options that have no counterpart, with what to do instead. */
export const withoutCounterpart: ReadonlyMap<string, string> = new Map([
  ['nclusters', styles],
  ['clusterpath', styles],
  ['useencodedimage', styles],
  ['fp16', 'use --precision bf16'],
  ['datatype', 'use --precision fp32 or --precision bf16'],
  ['model', notNeeded],
  ['usedropout', 'dropout is on in the U-Net, where pix2pix has it; --no-dropout takes it out'],
  ['nohtml', 'the page of a run is always written; leave the option out'],
  ['displaywinsize', notNeeded],
  ['localrank', notNeeded],
]);
