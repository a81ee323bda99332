/**
 * `node packages/pix2pixhd/dist/bench/alignment.js --data ROOT`: how well the alignment of two cameras finds what was hidden, on
 * registered pairs of any data set (train_A and train_B, or those of --only's folders). Depends on the alignment, on decoding
 * and on resizing; prints.
 *
 * Pairs become a rig by being resampled to one size, 512×336. A transform is hidden by giving A only what a smaller camera would see
 * through it (384×224), so that no image has an artificial border.
 *
 * Options: --data ROOT, --runs N (hidden transforms, 5), --steps N (pairs in a rig, 40), --only TEXT (rig, untouched, control, pairs).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeImage } from '../src/data/decode/decode.js';
import { resizeBicubic } from '../src/data/resize/resize.js';
import {
  apply,
  compose,
  cornerDistance,
  cornersOf,
  estimateRig,
  invert,
  measureAlignment,
  type Pair,
  rotation,
  type Size,
  type Transform,
  type TransformModel,
  transformModels,
  translation,
  warp,
} from '../src/prepare/alignment/index.js';
import type { ImageRaster } from '../src/raster.js';
import { random } from '../test/prepare/alignment/scene.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    runs: { type: 'string', default: '5' },
    steps: { type: 'string', default: '40' },
    only: { type: 'string', default: '' },
  },
});
if (values.data === undefined) throw new Error('--data ROOT: a folder with train_A and train_B, registered pairs');

const whole: Size = { width: 512, height: 336 };
const small: Size = { width: 384, height: 224 };
/** A is the middle of the whole image. */
const middle = translation((whole.width - small.width) / 2, (whole.height - small.height) / 2);
const next = random(1);
const within = (limit: number) => (2 * next() - 1) * limit;

const pairs = await load(values.data, Number(values.steps));
const wanted = (name: string) => name.includes(values.only);
let own: Transform | undefined;
if (wanted('untouched') || wanted('rig')) own = untouched();
if (wanted('rig')) rigs(Number(values.runs));
if (wanted('control')) control();
if (wanted('pairs')) singlePairs();

async function load(root: string, count: number): Promise<readonly Pair[]> {
  const names = readdirSync(join(root, 'train_A')).sort();
  const chosen = Array.from({ length: count }, (_, k) => names[Math.floor((k * names.length) / count)]!);
  const read = async (folder: string, name: string) =>
    resizeBicubic(await decodeImage(join(root, folder, name)), whole.width, whole.height);
  return Promise.all(
    chosen.map(async name => ({ name, a: await read('train_A', name), b: await read('train_B', name) })),
  );
}

/** The pairs as a rig whose A sees B through a transform. */
function hidden(transform: Transform): readonly Pair[] {
  return pairs.map(({ a, b }) => ({ a: warp(a, transform, small).raster, b }));
}

/** Up to 30 px, 5°, 8 % and mild perspective, within the whole image. */
function randomHomography(): Transform {
  for (;;) {
    const perspective: Transform = [1, 0, 0, 0, 1, 0, within(0.05) / 192, within(0.05) / 192, 1];
    const turn = rotation((within(5) * Math.PI) / 180, Math.exp(within(Math.log(1.08))));
    const centre = translation(whole.width / 2 + within(30), whole.height / 2 + within(30));
    const found = compose(centre, perspective, turn, translation(-small.width / 2, -small.height / 2));
    const corners = cornersOf(small).map(corner => apply(found, corner));
    if (corners.every(({ x, y }) => x > 0 && y > 0 && x < whole.width && y < whole.height)) return found;
  }
}

/** Seconds that this process has computed: other processes do not count. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function print(...cells: readonly (string | number | undefined)[]): void {
  const text = cells.map(cell => (typeof cell === 'number' ? cell.toFixed(2) : (cell ?? '–')));
  process.stdout.write(`| ${text.join(' | ')} |\n`);
}

/** The registration of the data set itself, which is not perfect. */
function untouched(): Transform | undefined {
  print(
    'untouched, model',
    'corners',
    'mean',
    '95 % ±',
    'left: median',
    'p90',
    'telling',
    'systematic',
    'parallax',
    's',
  );
  let last: Transform | undefined;
  for (const model of transformModels) last = rigRow(model, hidden(middle), model);
  return last;
}

function rigRow(name: string, rig: readonly Pair[], model: TransformModel): Transform | undefined {
  const start = cpuSeconds();
  const found = estimateRig(rig, model, { start: middle });
  const seconds = cpuSeconds() - start;
  if (!found.known) {
    print(name, found.reason);
    return undefined;
  }
  const { displacement: d, remaining: r } = found;
  const telling = `${r.telling} of ${r.blocks}`;
  print(
    name,
    d.corners,
    d.mean,
    d.uncertainty.corners,
    r.median,
    r.percentile90,
    telling,
    r.systematic,
    r.parallax?.pixels,
    seconds,
  );
  return found.transform;
}

function rigs(runs: number): void {
  print('hidden homography', 'corner error', 'beyond the data set’s own', '95 % ±', 's');
  const errors: number[] = [];
  const beyond: number[] = [];
  for (let k = 0; k < runs; k++) {
    const transform = randomHomography();
    const rig = hidden(transform);
    const start = cpuSeconds();
    const found = estimateRig(rig, 'homography');
    const seconds = cpuSeconds() - start;
    if (!found.known) {
      print(k + 1, found.reason);
      continue;
    }
    errors.push(cornerDistance(found.transform, transform, small));
    if (own !== undefined) {
      // The data set's own error as a transform of B, before the hidden one.
      beyond.push(cornerDistance(found.transform, compose(own, invert(middle), transform), small));
    }
    print(`${k + 1}`, errors.at(-1), beyond.at(-1), found.displacement.uncertainty.corners, seconds);
  }
  const median = (list: readonly number[]) => [...list].sort((p, q) => p - q)[list.length >> 1];
  print('median', median(errors), median(beyond));
}

/** The method alone: A is B's blue, inverted and bent, so that the truth is known exactly. */
function control(): void {
  print('control: A from B', 'corner error');
  const transform = randomHomography();
  const rig = pairs.map(({ b }) => ({ a: warp(inverted(b), transform, small).raster, b }));
  const found = estimateRig(rig, 'homography');
  print('hidden homography', found.known ? cornerDistance(found.transform, transform, small) : found.reason);
}

function inverted({ width, height, channels, data }: ImageRaster): ImageRaster {
  const one = Uint8Array.from(
    { length: width * height },
    (_, i) => 255 - 200 * Math.sqrt(data[i * channels + channels - 1]! / 255),
  );
  return { width, height, channels: 1, data: one };
}

/** Pairs by themselves, and what must be refused. */
function singlePairs(): void {
  print('single pair', 'hidden: corners', 'error', '95 % ±', 'height', 'lead');
  for (let k = 0; k < 10; k++) {
    const { name, a, b } = pairs[Math.floor((k * pairs.length) / 10)]!;
    const turn = rotation((within(3) * Math.PI) / 180, Math.exp(within(0.05)));
    const centre = translation(whole.width / 2 + within(20), whole.height / 2 + within(20));
    const transform = compose(centre, turn, translation(-small.width / 2, -small.height / 2));
    const found = measureAlignment(warp(a, transform, small).raster, b, { expected: middle });
    const far = cornerDistance(transform, middle, small);
    if (!found.known) print(name, far, found.reason);
    else {
      const error = cornerDistance(found.transform, transform, small);
      print(name, far, error, found.displacement.uncertainty.corners, found.height, found.lead);
    }
  }
  const flat = (b: ImageRaster): ImageRaster => ({ ...b, data: b.data.slice().fill(90) });
  const noise = (b: ImageRaster): ImageRaster => ({ ...b, data: Uint8Array.from(b.data, () => 255 * next()) });
  const kinds: readonly [string, (k: number) => ImageRaster][] = [
    ['as they are', k => pairs[k]!.b],
    ['of another moment', k => pairs[(k + 3) % pairs.length]!.b],
    ['noise', k => noise(pairs[k]!.b)],
    ['constant', k => flat(pairs[k]!.b)],
  ];
  print('all pairs with B', 'refused', 'median of the others');
  for (const [name, bOf] of kinds) {
    const found = pairs.map(({ a }, k) =>
      measureAlignment(warp(a, middle, small).raster, bOf(k), { expected: middle }),
    );
    const told = found.flatMap(one => (one.known ? [one.displacement.mean] : [])).sort((p, q) => p - q);
    print(name, `${found.length - told.length} of ${found.length}`, told[told.length >> 1]);
  }
}
