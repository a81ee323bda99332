/**
 * `pix2pixhd export --format onnx`: the shipped model as an ONNX file makes the shipped model's image, says what it is, and passes
 * ONNX's own checker; CycleGAN has a file for each direction; what cannot be done is refused.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { optim } from '@pix2pixhd/torch';
import { type CheckpointState, saveCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { withModel } from '../../src/config/baselines.js';
import { trainSchema } from '../../src/config/schema.js';
import { Random } from '../../src/data/random.js';
import { exportGenerator } from '../../src/index.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';
import { openGenerator } from '../../src/interop/open-generator.js';
import { buildCycleNetworks } from '../../src/networks/build.js';
import { decodeModel } from '../../src/onnx/model-proto.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { refuse } from '../support/cli.js';
import { recordedGenerator, runHere, writeOfficial } from '../support/official.js';
import { imageTensor, maxDifference, onnxInputs, runOnnx } from '../support/onnx.js';
import { findPythonWith } from '../support/python.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const emojiModel = fileURLToPath(import.meta.resolve('@pix2pixhd/emoji-model/model.safetensors'));
const cpu = { device: 'cpu', precision: 'fp32', dtype: 'float32', memory: 'contiguous' } as const;
const described = (file: string) => JSON.parse(decodeModel(readFileSync(file)).metadataProps[0]!.value);

/** Exports the shipped model. @returns the folder. */
async function exportEmoji(name: string, ...options: string[]): Promise<string> {
  const out = join(root, name);
  const { code, said } = await runHere(
    ...['export', '--checkpoint', emojiModel, '--format', 'onnx', '--out', out],
    ...options,
  );
  assert.equal(code, 0, said);
  return out;
}

test('the shipped model: the same image within one of 255, in half the space within two; the metadata say what it is', async () => {
  const [whole, half] = [
    await exportEmoji('emoji', '--licence', 'MIT'),
    await exportEmoji('half', '--precision', 'fp16'),
  ];
  assert.deepEqual(readdirSync(whole).sort(), ['encoder.onnx', 'generator.onnx']);
  const opened = openGenerator(emojiModel, cpu);
  using generator = opened.generator;
  const [height, width] = [96, 120];
  const ids = Int32Array.from(
    { length: height * width },
    (_, i) => (Math.floor(i / width / 24) * 5 + ((i % width) >> 5)) % 33,
  );
  const style = new Float32Array(3 * ids.length).map((_, i) => opened.book!.mean[Math.floor(i / ids.length)]!);
  const condition = { images: 1, height, width, label: ids, instance: ids, styleFeatures: style };
  const [made] = generator.generate(condition);
  for (const [folder, most] of [
    [whole, 1],
    [half, 2],
  ] as const) {
    const { result } = await runOnnx(readFileSync(join(folder, 'generator.onnx')), onnxInputs(condition), ['result']);
    assert.deepEqual(result!.dims, [1, height, width, 3]);
    const off = maxDifference(result!.data as Uint8Array, made!.data);
    assert.ok(off <= most, `${folder}: off by ${off} of 255`);
  }
  const about = described(join(whole, 'generator.onnx'));
  assert.equal(about.licence, 'MIT');
  assert.equal(about.step, opened.step);
  assert.match(about.command, /^pix2pixhd train .*--label-nc 33 .*--netG local/);
  assert.deepEqual(about.classes, opened.classes);
  assert.deepEqual([...opened.book!.classes.keys()], Object.keys(about.style.book.classes).map(Number));
  for (const [id, { mean, clusters }] of opened.book!.classes)
    assert.deepEqual(about.style.book.classes[id], {
      mean: [...mean],
      clusters: clusters.map(({ centre, count }) => ({ centre: [...centre], count })),
    });
});

test("NVIDIA's checkpoint becomes an ONNX file in two commands, and makes the image that it makes here", async () => {
  const from = writeOfficial(
    join(root, 'nvidia'),
    { 'latest_net_G.pth': 'G_local_e1_in.legacy.pth' },
    recordedGenerator,
  );
  const place = ['--name', 'nvidia', '--checkpoints-dir', join(root, 'runs')];
  const out = join(root, 'from-nvidia');
  for (const command of [
    ['import', '--from', from, ...place],
    ['export', ...place, '--format', 'onnx', '--out', out],
  ]) {
    const { code, said } = await runHere(...command);
    assert.equal(code, 0, said);
  }
  const path = new CheckpointStore(join(root, 'runs/nvidia/checkpoints')).find('latest');
  using generator = ImageGenerator.load(path, cpu).generator;
  const [height, width] = [30, 50];
  const label = Int32Array.from({ length: height * width }, (_, i) => Math.floor((i % width) / 9) % 7);
  const condition = { images: 1, height, width, label, instance: label };
  const { result } = await runOnnx(readFileSync(join(out, 'generator.onnx')), onnxInputs(condition), ['result']);
  assert.ok(maxDifference(result!.data as Uint8Array, generator.generate(condition)[0]!.data) <= 1);
});

const python = findPythonWith('onnx');
test("the files pass ONNX's own checker", { skip: python === undefined && 'no Python with onnx' }, async () => {
  const out = await exportEmoji('checked', '--precision', 'int8');
  const program = `import onnx, sys
for file in sys.argv[1:]: onnx.checker.check_model(onnx.load(file), full_check=True)`;
  const files = readdirSync(out).map(name => join(out, name));
  const { status, stderr } = spawnSync(python!, ['-c', program, ...files], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('CycleGAN: a file for each direction, each the generator of that direction', async () => {
  const config = trainSchema.parse({
    ...withModel({ model: 'cycle-gan', dataroot: 'data', name: 'cycle', checkpointsDir: join(root, 'runs') }),
    ...{ ngf: 2, ndf: 2, nBlocksGlobal: 1, inputNc: 1, outputRange: 'full', outputDepth: '8', inputRange: 'full' },
  });
  const networks = buildCycleNetworks(config);
  const place = { stage: 1, step: 4, stageStep: 4, epoch: 1, batch: 0 };
  const state: CheckpointState = { config, ...place, score: 0, poolRandom: new Random(0).state };
  const path = new CheckpointStore(RunFolder.create(config).checkpoints).pathOf(4);
  const idle = () => new optim.Adam(new Map());
  const optimisers = { generatorA: idle(), generatorB: idle(), discriminatorA: idle(), discriminatorB: idle() };
  saveCheckpoint(path, { networks, optimisers, average: undefined }, new Map(), new Map(), state);
  const out = join(root, 'both');
  const files = exportGenerator({ name: 'cycle', checkpointsDir: join(root, 'runs'), out, format: 'onnx' });
  assert.deepEqual(files, [join(out, 'generator_A.onnx'), join(out, 'generator_B.onnx')]);
  const [height, width] = [20, 24];
  for (const [file, direction, channels] of [
    [files[0]!, 'AtoB', 1],
    [files[1]!, 'BtoA', 3],
  ] as const) {
    using generator = ImageGenerator.load(path, cpu, direction).generator;
    const planes = Float32Array.from({ length: channels * height * width }, (_, i) => ((i * 7) % 255) / 127.5 - 1);
    const source = Uint8Array.from({ length: planes.length }, (_, i) =>
      Math.round((planes[(i % channels) * height * width + Math.floor(i / channels)]! + 1) * 127.5),
    );
    const [made] = generator.generate({ images: 1, height, width, source: planes, sourceChannels: channels });
    const inputs = { image: imageTensor(source, [1, height, width, channels]) };
    const { result } = await runOnnx(readFileSync(file), inputs, ['result']);
    assert.ok(maxDifference(result!.data as Uint8Array, made!.data) <= 1);
  }
});

test('what cannot be done is refused: other precisions, files that are there, and ONNX files where weights are read', async () => {
  const out = await exportEmoji('there');
  const command = ['export', '--checkpoint', emojiModel, '--out', out, '--format'];
  await refuse(
    [...command, 'onnx', '--precision', 'bf16'],
    2,
    /--precision/,
    /bf16, with --format onnx/,
    /fp32, fp16, int8/,
  );
  await refuse(
    [...command, 'onnx', '--title', 'City'],
    2,
    /--title/,
    /--format onnx, which has no such thing/,
    /--format page/,
  );
  await refuse([...command, 'safetensors', '--licence', 'MIT'], 2, /--licence/, /--format onnx or page/);
  await refuse([...command, 'onnx'], 1, /generator\.onnx, encoder\.onnx, which would be overwritten/, /--force/);
  await refuse([...command, 'pth'], 1, /an exported generator, which has neither a discriminator/, /--format onnx/);
  await refuse(['export', '--format', 'onnx', '--out', out], 2, /neither --name nor --checkpoint/);
  const model = join(out, 'generator.onnx');
  for (const from of [out, model])
    await refuse(
      ['import', '--from', from, '--name', 'back'],
      1,
      /an ONNX file: a graph to generate with/,
      /\.pth files/,
    );
  await refuse(
    ['generate', '--checkpoint', model, '--input', 'label.png', '--out', join(root, 'none')],
    1,
    /an ONNX file, which this program writes and does not read/,
    /give the run that it was exported from/,
  );
});
