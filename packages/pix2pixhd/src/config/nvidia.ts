/**
 * Options of NVIDIA's command lines that mean something else here, or nothing: those that are not just spellings of ours,
 * so that an existing command line either works or says what to change. Depends on nothing.
 */

/** What an NVIDIA option means to one of our commands. */
export type Meaning =
  /** It sets one of our options, to one of our values. */
  | {
      readonly kind: 'translated';
      /** The key of our option. */
      readonly key: string;
      readonly takesValue: boolean;
      /** Our value for theirs, with a remark if needed; `undefined` where there is none. */
      readonly translate: (value: string) => { readonly value: string; readonly remark?: string } | undefined;
      /** What would have been accepted. */
      readonly expected: string;
    }
  /** It is understood and changes nothing. */
  | {
      readonly kind: 'idle';
      readonly takesValue: boolean;
      /** Why not, if that is worth saying. */
      readonly why?: string;
      /** Values that would change something, and are refused. Default: none. */
      readonly refuses?: (value: string) => boolean;
      /** What to give instead of a refused value, and what to do. */
      readonly expected?: string;
      readonly remedy?: string;
    }
  /** It has no counterpart here. */
  | { readonly kind: 'refused'; readonly remedy: string };

/** A spelling without dashes, underscores and capitals: `--label_nc`, `--labelNc` and `--label-nc` are one option. */
export function canonical(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}

const flag = (why?: string): Meaning => ({ kind: 'idle', takesValue: false, ...(why && { why }) });
const valued = (why?: string): Meaning => ({ kind: 'idle', takesValue: true, ...(why && { why }) });

/** Why an option of the training changes nothing in another command. */
export const ofTraining = 'only used in training';

const ofTheTest = 'only used when generating';
const ownSize = 'images keep their own size';
const decided = 'the checkpoint determines this';
const halfPrecision = 'half precision is bf16 here';

const gpu: Meaning = {
  kind: 'translated',
  key: 'device',
  takesValue: true,
  expected: '-1 for the CPU, or the number of a GPU',
  translate(value) {
    if (value === '-1') return { value: 'cpu' };
    const gpus = /^\d+(,\d+)*$/.test(value) ? value.split(',') : undefined;
    if (gpus === undefined) return undefined;
    const first = { value: `cuda:${gpus[0]}` };
    return gpus.length === 1 ? first : { ...first, remark: `one GPU is used, number ${gpus[0]}` };
  },
};

const noLsgan: Meaning = {
  kind: 'translated',
  key: 'ganMode',
  takesValue: false,
  expected: 'no value after it',
  translate: value => (value === 'true' ? { value: 'vanilla' } : undefined),
};

const halves: Meaning = {
  kind: 'translated',
  key: 'precision',
  takesValue: false,
  expected: 'no value after it',
  translate: value => (value === 'true' ? { value: 'bf16', remark: halfPrecision } : undefined),
};

const dataType: Meaning = {
  kind: 'translated',
  key: 'precision',
  takesValue: true,
  expected: '32 or 16',
  translate: value =>
    value === '32' ? { value: 'fp32' } : value === '16' ? { value: 'bf16', remark: halfPrecision } : undefined,
};

const loaderThreads: Meaning = {
  kind: 'translated',
  key: 'workers',
  takesValue: true,
  expected: 'a whole number',
  translate: value => (value === '0' ? { value: '1', remark: 'at least one thread decodes' } : { value }),
};

/** A number of samples; without limit it is `inf`. */
const limit = (key: string): Meaning => ({
  kind: 'translated',
  key,
  takesValue: true,
  expected: 'a whole number, or inf',
  translate: value => ({ value: value === 'inf' ? 'none' : value }),
});

const aspectRatio: Meaning = {
  kind: 'idle',
  takesValue: true,
  refuses: value => Number(value) !== 1,
  expected: '1.0: a result has the size of its input',
  remedy: 'leave the option out, and resize the results with another program',
};

const resumedEpoch: Meaning = {
  kind: 'idle',
  takesValue: true,
  refuses: value => value !== 'latest',
  expected: 'latest: a run is continued from its latest checkpoint',
  remedy:
    'leave the option out; to begin from an earlier checkpoint, start a new run with --load-pretrain and the file of that checkpoint',
};

const noOnnx: Meaning = {
  kind: 'refused',
  remedy:
    'there is no ONNX or TensorRT here; pix2pixhd export --format safetensors writes the generator for other programs',
};

/** Which commands an entry is for; `undefined` for all. */
type Entry = readonly [names: readonly string[], meaning: Meaning, commands?: readonly string[]];

const entries: readonly Entry[] = [
  [['gpu_ids'], gpu],
  [['no_lsgan', 'no_vgg_loss', 'continue_train'], flag(ofTraining), ['generate', 'encode']],
  [['no_lsgan'], noLsgan],
  [['fp16'], halves],
  [['data_type'], dataType],
  [['nThreads'], loaderThreads, ['train']],
  [['nThreads'], valued('the number of decoding threads is chosen automatically'), ['generate', 'encode']],
  [['max_dataset_size'], limit('maxDatasetSize'), ['train']],
  [['max_dataset_size'], limit('howMany'), ['generate']],
  [['use_dropout'], flag("the original's generator has no dropout either, whatever this says")],
  [['verbose'], flag('pix2pixhd train --dry-run prints the number of parameters of each network')],
  [['local_rank', 'display_winsize'], valued('not used here')],
  [['no_html'], flag('the page of a run is always written')],
  [['isTrain'], flag()],
  [['export_onnx', 'engine', 'onnx'], noOnnx],
  [['n_clusters'], valued('only used by pix2pixhd encode'), ['train', 'generate']],
  // The original's test.py and encode_features.py know these without using them.
  [['ntest'], valued('the original does not use it either; --how-many limits the images'), ['generate']],
  [['aspect_ratio'], aspectRatio, ['generate']],
  [['cluster_path'], valued('the styles are those in the checkpoint, where pix2pixhd encode or import put them')],
  [['which_epoch'], resumedEpoch, ['train']],
  [['ntest', 'results_dir', 'aspect_ratio', 'how_many'], valued(ofTheTest), ['train', 'encode']],
  [['use_encoded_image'], flag(ofTheTest), ['train', 'encode']],
  [['loadSize', 'fineSize', 'resize_or_crop'], valued(ownSize), ['generate']],
  [['load_features'], flag(decided), ['generate', 'encode']],
  [['max_dataset_size'], valued('all images are encoded'), ['encode']],
];

/** Commands that take the place of a program of NVIDIA's. */
const successors: readonly string[] = ['train', 'generate', 'encode'];

/**
 * What an NVIDIA option means to a command, where it is not merely a spelling of one of our options.
 *
 * @param name its {@link canonical} form.
 */
export function meaningOf(command: string, name: string): Meaning | undefined {
  if (!successors.includes(command)) return name === 'gpuids' ? gpu : undefined;
  const entry = entries.find(
    ([names, , commands]) =>
      names.some(known => canonical(known) === name) && (commands === undefined || commands.includes(command)),
  );
  return entry?.[1];
}

/** All NVIDIA options that are listed here, in their {@link canonical} form. */
export const listedNames: readonly string[] = [...new Set(entries.flatMap(([names]) => names.map(canonical)))];
