/** `pix2pixhd encode`: finds the styles of every class of a trained run, stores them in its checkpoint, shows them. */

import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { StyleBook } from '@pix2pixhd/web/scene';
import { CheckpointStore } from '../checkpoint/store.js';
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess } from '../compute/configure-process.js';
import { resolveConfig } from '../config/argv.js';
import { type EncodeConfig, encodeCommand } from '../config/commands/encode.js';
import { layoutFor } from '../config/inputs.js';
import { checkAgrees } from '../config/repeatable.js';
import type { TrainConfig } from '../config/schema.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import { readClasses } from '../data/labels/classes.js';
import { ignoredLabel } from '../data/labels/values.js';
import type { SampleSpec } from '../data/load/sample.js';
import { UserError } from '../errors.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { OutputGuard } from '../output/guard.js';
import { printable } from '../printable.js';
import { encodingSet, withoutEncoder } from '../run/encoding-set.js';
import { RunFolder } from '../run/run-folder.js';
import { buildStyleBook, type ClassSummary } from '../styles/build/build-book.js';
import { encodeSet } from '../styles/build/encode-set.js';
import { writeStyles } from '../styles/files/style-book-file.js';
import { styleFeaturesFile, writeStyleFeatures } from '../styles/files/style-features-file.js';
import { findScenes, showClass } from '../styles/page/scenes.js';
import { renderStylePage, type ShownClass } from '../styles/page/style-page.js';
import { Failures } from './failures.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given, stated } = readOptions(encodeCommand, argv, terminal);
  const options = resolveConfig(encodeCommand, given);
  const folder = RunFolder.open(options.checkpointsDir, options.name);
  using _ = folder.lock();
  const store = new CheckpointStore(folder.checkpoints);
  const path = store.find(options.whichEpoch);
  const compute = chooseCompute(options);
  configureProcess({ threads: options.threads, device: compute.device });
  const { generator: opened, config, step } = ImageGenerator.load(path, compute);
  using generator = opened;
  const { out, error } = terminal;
  const stop = new AbortController();
  using interrupt = new Interrupt(() => {
    stop.abort();
    error.write('\nending after this image; press Ctrl-C again to leave at once\n');
  });
  const failures = new Failures('encode', terminal);
  checkAgrees(stated, config, path);
  if (!generator.takesStyles)
    throw withoutEncoder(path, 'train a new run with styles: pix2pixhd train --instance-feat');
  const dataroot = options.dataroot ?? config.dataroot;
  const { samples, spec } = encodingSet(config, options, terminal.notice);
  const guard = guardOf(options, samples);
  const line = new StatusLine(out);
  out.write(`${path} (step ${step}): encoding ${samples.length} images of ${dataroot}\n`);
  let looked = 0;
  const encoded = await encodeSet(generator, samples, spec, {
    onFailure: failures.note,
    signal: stop.signal,
    async onSample(image, index) {
      if (options.writeFeatures !== null) writeStyleFeatures(options.writeFeatures, image, config.featNum, guard);
      looked = index + 1;
      line.show(`${looked}/${samples.length}  ${printable(image.stem)}`);
      terminal.event('image', { stem: image.stem, done: looked, total: samples.length });
      // Images that are ready come without a turn of the event loop, in which alone Ctrl-C is seen.
      await nextTurn();
    },
  });
  if (interrupt.requested) {
    line.clear();
    error.write(`Interrupted after ${looked} of ${samples.length}; ${path} is unchanged\n`);
    terminal.result({ reason: 'interrupted', checkpoint: path, images: looked }, '');
    return interrupt.exitCode;
  }
  const used = samples.filter(sample => !failures.has(sample));
  if (used.length === 0) throw failures.asError('encoding the images', samples.length);
  line.show(`${encoded.length} instances; finding clusters`);
  const clustering = { clusters: options.nClusters, seed: options.seed, areaWeights: options.areaWeights };
  const { book, classes } = await buildStyleBook(encoded, samples, spec, config.labelFeat, clustering);
  store.rewriting(path, () => writeStyles(path, book));
  line.clear();
  const names = namesOf(dataroot, config.labelNc);
  out.write(`${table(classes, names)}\n`);
  const heldOut = options.pageClasses > 0 ? heldOutOf(dataroot, config) : [];
  if (options.pageClasses > 0) {
    const seen = await findScenes(used, spec, config.labelFeat, failures.note);
    const scenes = new Map([...seen, ...(await findScenes(heldOut, spec, config.labelFeat, failures.note))]);
    const most = largest(
      classes.filter(({ id }) => id < config.labelNc),
      options.pageClasses,
    );
    const shown = await showAll(generator, book, most, names, scenes, spec, line);
    const html = await renderStylePage({ name: options.name, lead: lead(step), classes: shown });
    writeFileAtomic(folder.stylePage, html);
    out.write(`Look at ${folder.stylePage}\n`);
  }
  const text = closing(options, path, dataroot);
  if (failures.count > 0) {
    out.write(text);
    throw failures.asError('encoding the images; the styles are those of the others', samples.length + heldOut.length);
  }
  const named = classes.map(summary => ({ ...summary, name: names.get(summary.id) }));
  const page = options.pageClasses > 0 ? folder.stylePage : null;
  terminal.result({ reason: 'finished', checkpoint: path, images: used.length, classes: named, page }, text);
  return interrupt.exitCode;
}

/** Keeps `--write-features` from overwriting inputs, and from writing among them. */
function guardOf({ writeFeatures, force }: EncodeConfig, samples: readonly Sample[]): OutputGuard {
  const files = samples.flatMap(({ label, instance, features, image }) =>
    [label, instance, features, image].filter(file => file !== undefined),
  );
  const guard = new OutputGuard({
    doing: 'writing the style features',
    elsewhere: 'give --write-features another folder',
    inputs: files,
    inputFolders: new Set(files.map(file => dirname(file))),
    force,
  });
  if (writeFeatures !== null) guard.checkAll(samples.map(({ stem }) => styleFeaturesFile(writeFeatures, stem)));
  return guard;
}

function largest(classes: readonly ClassSummary[], count: number): ClassSummary[] {
  return [...classes].sort((a, b) => b.pixels - a.pixels).slice(0, count);
}

/** Held-out scenes, where there are any. */
function heldOutOf(dataroot: string, config: TrainConfig): readonly Sample[] {
  const layout = { ...layoutFor(config), imageOptional: true };
  try {
    return findSamples(dataroot, 'test', layout);
  } catch (error) {
    // No test folders: the page does without held-out scenes.
    if (!(error instanceof UserError)) throw error;
    return [];
  }
}

async function showAll(
  generator: ImageGenerator,
  book: StyleBook,
  classes: readonly ClassSummary[],
  names: ReadonlyMap<number, string>,
  scenes: ReadonlyMap<number, { readonly sample: Sample }>,
  spec: SampleSpec,
  line: StatusLine,
): Promise<ShownClass[]> {
  const shown: ShownClass[] = [];
  for (const summary of classes) {
    const scene = scenes.get(summary.id);
    if (scene === undefined) continue;
    line.show(`page of styles: class ${summary.id}, ${shown.length + 1} of ${classes.length}`);
    const name = names.get(summary.id);
    const title = `class ${summary.id}${name === undefined ? '' : `, ${name}`}`;
    shown.push(await showClass(generator, book, summary, scene.sample, spec, title));
  }
  line.clear();
  return shown;
}

/** What the data set calls its classes, where it says so. */
function namesOf(dataroot: string, labelNc: number): ReadonlyMap<number, string> {
  const names = new Map((readClasses(dataroot) ?? []).map(({ id, name }) => [id, name]));
  // Its pixels have no class channel, but their instances have styles.
  const ignored = ignoredLabel(labelNc);
  if (!names.has(ignored)) names.set(ignored, 'no class');
  return names;
}

function table(classes: readonly ClassSummary[], names: ReadonlyMap<number, string>): string {
  const rows = classes.map(({ id, instances, clusters, spread }) => [
    ...[id, instances, clusters, spread.toFixed(3)],
    names.get(id) ?? '',
  ]);
  const lines = [['class', 'instances', 'clusters', 'spread', ''], ...rows].map(row =>
    row
      .map((cell, c) => (c === 4 ? `  ${cell}` : String(cell).padStart([5, 11, 10, 8][c]!)))
      .join('')
      .trimEnd(),
  );
  return `${lines.join('\n')}\nspread: root mean square distance of the instances of a class from their mean; style features lie in [-1, 1]`;
}

function lead(step: number): string {
  return `What the encoder found in the training images, at step ${step}: the instances of each class in clusters, the largest first. Each image is one scene under one cluster; beside its number an instance of the cluster. Choose one with: pix2pixhd generate --style cluster:N, or a file that says it for classes and objects.`;
}

function closing({ name, checkpointsDir, whichEpoch }: EncodeConfig, path: string, dataroot: string): string {
  const which = `${checkpointsDir === 'checkpoints' ? '' : ` --checkpoints-dir ${checkpointsDir}`}${whichEpoch === 'latest' ? '' : ` --which-epoch ${whichEpoch}`}`;
  return `The styles are in ${path}\nTry: pix2pixhd generate --name ${name}${which} --dataroot ${dataroot} --style-seeds 5\n`;
}
