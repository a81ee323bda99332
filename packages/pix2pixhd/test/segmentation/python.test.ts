/**
 * Against Debian's Python: scores by scikit-learn, the segmenter's training by PyTorch, and a model that PyTorch exports as ONNX, run
 * here by ONNX Runtime. Skipped where Python lacks a module. ONNX Runtime is found in the project or by NODE_PATH:
 * `NODE_PATH=/folder/node_modules node scripts/test.mjs segmentation/python`.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { noGrad, ops, RandomGenerator, scope, type Tensor, tensor, writePth } from '@pix2pixhd/torch';
import { decodeImage } from '../../src/data/decode/decode.js';
import { ConfusionMatrix } from '../../src/segmentation/confusion-matrix.js';
import { countScene, readSceneLabels } from '../../src/segmentation/count-scene.js';
import { SegmentationUNet } from '../../src/segmentation/network.js';
import { OnnxSegmenter } from '../../src/segmentation/onnx/onnx-segmenter.js';
import { matrixOf, pixelCounts, type SceneCounts } from '../../src/segmentation/scene-counts.js';
import { scoresOf } from '../../src/segmentation/scores.js';
import { classesOf } from '../../src/segmentation/segmenter.js';
import { SegmenterTrainer } from '../../src/segmentation/training/trainer.js';
import { noise, writePng } from '../data/images.js';
import { numbers } from '../support/compare.js';
import { workFolder } from '../support/work-folder.js';

function hasRuntime(): boolean {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
}

const PROGRAM = `
import json, sys
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from PIL import Image
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, jaccard_score
folder = sys.argv[1]
given = json.load(open(folder + '/given.json'))
out = {}

truth, found = np.array(given['truth']), np.array(given['found'])
counted = truth != 255
t, f = truth[counted], found[counted]
out['scores'] = dict(
    matrix=confusion_matrix(t, f, labels=range(given['classes'])).tolist(),
    pixelAccuracy=accuracy_score(t, f),
    classAccuracy=balanced_accuracy_score(t, f),
    meanIou=jaccard_score(t, f, labels=np.union1d(t, f), average='macro', zero_division=0),
    frequencyWeightedIou=jaccard_score(t, f, average='weighted', zero_division=0))

def norm(a, b, k, s):
    return [nn.Conv2d(a, b, k, s, k // 2, bias=False), nn.BatchNorm2d(b)]
class Unit(nn.Module):
    def __init__(self, a, b, s):
        super().__init__()
        self.body = nn.Sequential(*norm(a, b, 3, s), nn.ReLU(), *norm(b, b, 3, 1))
        self.shortcut = nn.Sequential(*norm(a, b, 1, s))
    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))
class UNet(nn.Module):
    def __init__(self, classes, c, levels):
        super().__init__()
        self.stem = nn.Sequential(*norm(3, c, 3, 1), nn.ReLU())
        self.down = nn.ModuleList(Unit(c * 2**i, c * 2**(i + 1), 2) for i in range(levels))
        self.up = nn.ModuleList(Unit(c * 2**(i + 1) + c * 2**i, c * 2**i, 1) for i in range(levels))
        self.head = nn.Conv2d(c, classes, 1)
    def forward(self, x):
        levels = [self.stem(x)]
        for unit in self.down: levels.append(unit(levels[-1]))
        x = levels.pop()
        for unit in reversed(self.up):
            x = unit(torch.cat([F.interpolate(x, scale_factor=2, mode='nearest'), levels.pop()], 1))
        return self.head(x)
net = UNet(4, 2, 2).double()
net.load_state_dict(torch.load(folder + '/net.pth'))
image = torch.tensor(given['image'], dtype=torch.float64).reshape(2, 3, 8, 12)
label = torch.tensor(given['label']).reshape(2, 8, 12)
weight = torch.tensor(given['weight'], dtype=torch.float64)
optimiser = torch.optim.AdamW(net.parameters(), lr=given['lr'], weight_decay=1e-4)
losses, gradients = [], None
for step in range(3):
    for group in optimiser.param_groups: group['lr'] = given['lr'] * (1 - step / 3) ** 0.9
    optimiser.zero_grad()
    loss = F.cross_entropy(net(image), label, weight=weight, ignore_index=255)
    loss.backward()
    optimiser.step()
    losses.append(loss.item())
net.eval()
with torch.no_grad():
    logits = F.interpolate(net(image[:1]).float(), size=(17, 30), mode='bilinear', align_corners=False)
out['training'] = dict(losses=losses, classes=logits.argmax(1).flatten().tolist(),
    state={k: v.double().flatten().tolist() for k, v in net.state_dict().items()})

torch.manual_seed(5)
model = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.Tanh(), nn.Conv2d(8, 5, 3, 1, 1)).eval()
torch.onnx.export(model, torch.zeros(1, 3, 16, 16), folder + '/model.onnx', input_names=['pixels'], output_names=['logits'],
    opset_version=13, dynamic_axes=dict(pixels={2: 'h', 3: 'w'}, logits={2: 'h', 3: 'w'}))
class ArgMax(nn.Module):
    def forward(self, x):
        return x.argmax(1)
torch.onnx.export(nn.Sequential(model, ArgMax()), torch.zeros(1, 3, 16, 16), folder + '/ids.onnx', input_names=['pixels'], output_names=['ids'],
    opset_version=13, dynamic_axes=dict(pixels={2: 'h', 3: 'w'}, ids={1: 'h', 2: 'w'}))
ours = np.array([-1 if c is None else c for c in given['map']])
def segmented(i, size, bgr):
    image = Image.open(f'{folder}/image{i}.png')
    label = np.array(Image.open(f'{folder}/label{i}.png'))
    if size: image = image.resize(size, Image.BICUBIC)
    pixels = np.array(image).astype(np.float64) / 255
    if bgr: pixels = pixels[..., ::-1]
    pixels = (pixels - given['mean']) / given['std']
    with torch.no_grad():
        logits = model(torch.tensor(pixels.transpose(2, 0, 1)[None].astype(np.float32)))
        logits = F.interpolate(logits, size=label.shape, mode='bilinear', align_corners=False)
    return label.flatten(), ours[logits.argmax(1).numpy().flatten()]
def matrix(size, bgr):
    parts = [segmented(i, size, bgr) for i in range(3)]
    t, f = (np.concatenate(side) for side in zip(*parts))
    known = np.isin(t, [c for c in given['map'] if c is not None])
    return confusion_matrix(t[known], np.where(f[known] < 0, 6, f[known]), labels=range(7))[:6].tolist()
out['onnx'] = dict(asItIs=matrix(None, False), resized=matrix((40, 24), True))
json.dump(out, open(folder + '/out.json', 'w'))
`;

const folder = workFolder();
const [width, height] = [61, 37];
const classes = 6;
const truth = [...noise(4000, 1)].map(value => (value > 240 ? 255 : value % 5));
const found = truth.map((id, i) => (noise(4000, 2)[i]! > 120 && id !== 255 ? id : noise(4000, 3)[i]! % 5));
const image = Float64Array.from(noise(2 * 3 * 8 * 12, 4), value => value / 127.5 - 1);
const label = Int32Array.from(noise(2 * 8 * 12, 5), value => (value > 230 ? 255 : value % 4));
const weight = [1, 2.5, 0.3, 1.7];
const lr = 0.01;
/** Of the model's five classes: one has no class of ours, and our class 1 is none of the model's. */
const map = [0, 4, null, 2, 5];
const [mean, std] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

interface Reference {
  readonly scores: { readonly matrix: number[][]; readonly [score: string]: unknown };
  readonly training: {
    readonly losses: number[];
    readonly classes: number[];
    readonly state: Record<string, number[]>;
  };
  readonly onnx: Readonly<Record<'asItIs' | 'resized', number[][]>>;
}

const network = new SegmentationUNet(
  { inputChannels: 3, classes: 4, channels: 2, levels: 2 },
  new RandomGenerator(1),
).to({ dtype: 'float64' }) as SegmentationUNet;

/** What Python says; undefined where no Python has the modules. */
function askPython(): Reference | undefined {
  writePth(join(folder, 'net.pth'), new Map([...network.stateDict()].map(([key, value]) => [key, value.toData()])));
  for (let i = 0; i < 3; i++) {
    writePng(join(folder, `image${i}.png`), width, 3, noise(width * height * 3, 10 + i));
    const ids = noise(width * height, 20 + i).map(v => (v > 235 ? 255 : v % classes));
    writePng(join(folder, `label${i}.png`), width, 1, ids);
  }
  const given = { truth, found, classes, image: [...image], label: [...label], weight, lr, map, mean, std };
  writeFileSync(join(folder, 'given.json'), JSON.stringify(given));
  for (const python of [process.env.PYTHON, 'python3', '/usr/bin/python3']) {
    if (python === undefined) continue;
    // Importing PyTorch takes seconds: it is not tried first whether it is there.
    const { status, stderr } = spawnSync(python, ['-c', PROGRAM, folder], { encoding: 'utf8' });
    if (status === 0) return JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'));
    if (status !== null && !/ModuleNotFoundError/.test(stderr)) assert.fail(stderr);
  }
  return undefined;
}

const asked = askPython();
const skip = asked === undefined && 'no Python with PyTorch, scikit-learn and Pillow';
const reference = asked as Reference;

const near = (actual: number, expected: number, what: string, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`);

test("scikit-learn's confusion matrix and scores", { skip }, () => {
  const matrix = new ConfusionMatrix(classes);
  matrix.add(truth, found);
  assert.deepEqual(
    matrix.toRows().map(row => row.slice(0, classes)),
    reference.scores.matrix,
  );
  const scores = scoresOf(matrix);
  for (const name of ['pixelAccuracy', 'classAccuracy', 'meanIou', 'frequencyWeightedIou'] as const)
    near(scores[name], reference.scores[name] as number, name);
});

test("PyTorch's losses, gradients and weights over three steps in float64, and its resized classes", { skip }, () => {
  scope(() => {
    const classWeights = tensor(Float64Array.from(weight), [4]);
    using trainer = new SegmenterTrainer(network, { lr, classWeights, ignored: 255 });
    const batch = { image: tensor(image, [2, 3, 8, 12]), label: ops.toDtype(tensor(label, [2, 8, 12]), 'int64') };
    for (let step = 0; step < 3; step++)
      near(trainer.step(batch, step / 3)!, reference.training.losses[step]!, `loss ${step}`, 1e-10);
    // Adam divides gradients by their own size: a wrong one, however small, is a wrong weight.
    for (const [key, value] of network.stateDict()) closeTo(value, reference.training.state[key]!, key);
    network.eval();
    const logits = noGrad(() => network.forward(ops.narrow(batch.image, 0, 0, 1)));
    assert.deepEqual([...classesOf(logits, 30, 17)], reference.training.classes);
    const none = { ...batch, label: ops.fullLike(batch.label, 255) };
    assert.equal(trainer.step(none, 0), null, 'no pixel has a class');
  });
});

function closeTo(actual: Tensor, expected: readonly number[], key: string): void {
  const values = numbers(actual);
  assert.equal(values.length, expected.length);
  for (const [i, value] of values.entries()) near(value, expected[i]!, `${key} ${i}`, 1e-9);
}

/** A description of the model as a file. */
function describe(name: string, change: object = {}): string {
  const path = join(folder, name);
  const input = { mean, std };
  writeFileSync(path, JSON.stringify({ model: 'model.onnx', labelNc: classes, input, classes: map, ...change }));
  return path;
}

const skipOnnx = skip || (!hasRuntime() && 'onnxruntime-node is not installed');

test('an ONNX model gives the confusion matrix that it gives in Python', { skip: skipOnnx }, async () => {
  const descriptions = {
    asItIs: describe('as-it-is.json'),
    resized: describe('resized.json', { input: { mean, std, size: [40, 24], channels: 'BGR' } }),
  };
  for (const kind of ['asItIs', 'resized'] as const) {
    await using segmenter = await OnnxSegmenter.load(descriptions[kind], folder);
    const scenes: SceneCounts[] = [];
    for (const i of [0, 1, 2]) {
      const file = join(folder, `image${i}.png`);
      const labels = await readSceneLabels(join(folder, `label${i}.png`), segmenter);
      scenes.push(await countScene(segmenter, labels, await decodeImage(file), file));
    }
    assert.deepEqual(matrixOf(scenes, segmenter.labelNc).toRows(), reference.onnx[kind]);
    const pixels = pixelCounts(scenes);
    assert.equal(pixels.scored + pixels.ignored + pixels.unknown, 3 * width * height);
    assert.ok(pixels.ignored > 0 && pixels.unknown > 0);
  }
});

test('a model that gives ids, and sides that are a multiple', { skip: skipOnnx }, async () => {
  const path = describe('ids.json', {
    model: 'ids.onnx',
    output: { kind: 'ids' },
    input: { mean, std, size: { multipleOf: 16 } },
  });
  await using segmenter = await OnnxSegmenter.load(path, folder);
  const pixels = { width, height, channels: 3, data: noise(width * height * 3, 10) };
  const ids = await segmenter.segment(pixels, 32, 16);
  assert.equal(ids.length, 32 * 16);
  assert.ok(ids.every(id => [-1, 0, 4, 2, 5].includes(id)) && new Set(ids).size > 2);
});

test('what does not fit a description is one error', { skip: skipOnnx }, async () => {
  const pixels = { width, height, channels: 3, data: noise(width * height * 3, 10) };
  const refused: [change: object, message: RegExp][] = [
    [{ classes: [0, 1, 2] }, /model\.onnx\n {2}found: {4}an output logits of \(1, 5, 19, 31\)[\s\S]*\(1, 3, h, w\)/],
    [{ model: 'ids.onnx' }, /an output ids of \(1, 19, 31\) in int64/],
    [{ output: { kind: 'ids' } }, /expected: ids \(1, h, w\)/],
    [{ model: 'ids.onnx', output: { kind: 'ids' }, classes: [0] }, /the class [1-4]\n {2}expected: 0 to 0/],
    [{ input: { name: 'image' } }, /no input image in the model, which has pixels/],
    [{ output: { name: 'mask' } }, /no output mask in the model, which has logits/],
    [{ model: 'net.pth' }, /net\.pth\n {2}found: .*\n {2}expected: an ONNX model/],
    [{ model: 'nowhere.onnx' }, /nowhere\.onnx\n {2}found: /],
  ];
  for (const [change, message] of refused)
    await assert.rejects(async () => {
      await using segmenter = await OnnxSegmenter.load(describe('odd.json', change), folder);
      await segmenter.segment(pixels, width, height);
    }, message);
});

test('without ONNX Runtime there is one error, which says how to install it', {
  skip: hasRuntime() && 'it is installed',
}, async () => {
  const path = join(folder, 'description.json');
  writeFileSync(path, JSON.stringify({ model: 'model.onnx', labelNc: 2, classes: [0, 1] }));
  await assert.rejects(OnnxSegmenter.load(path, folder), {
    code: 'NOT_INSTALLED',
    message: /onnxruntime-node\n[\s\S]*remedy: {3}npm install --ignore-scripts onnxruntime-node/,
  });
});

test('a description that says something else than it may is one error', async () => {
  const path = join(folder, 'wrong.json');
  for (const [text, message] of [
    ['{', /wrong\.json\n {2}found: {4}.*JSON/],
    ['{"model": "m.onnx", "classes": [0]}', /labelNc/],
    ['{"model": "m.onnx", "labelNc": 2, "classes": [0, 2]}', /class 2 among classes, of label maps of 2/],
    ['{"model": "m.onnx", "labelNc": 2, "classes": [0, 1], "input": {"mean": [1]}}', /input\.mean/],
    ['{"model": "m.onnx", "labelNc": 2, "classes": [0, 1], "inputs": {}}', /inputs/],
  ] as const) {
    writeFileSync(path, text);
    await assert.rejects(OnnxSegmenter.load(path, folder), message);
  }
  await assert.rejects(OnnxSegmenter.load(join(folder, 'none.json'), folder), { code: 'FILE_NOT_FOUND' });
});
