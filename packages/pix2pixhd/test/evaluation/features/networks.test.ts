/**
 * LPIPS and the Inception of FID against plain PyTorch modules written for this test, with random weights of the published
 * structure, in float64; the Inception's input against Pillow. Needs Python with PyTorch and Pillow.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromData, nn, readNpy, readStateDict, scope, type TensorData, writeNpy } from '@pix2pixhd/torch';
import { UserError } from '../../../src/errors.js';
import type { ComparedImage } from '../../../src/evaluation/comparable.js';
import { imageTensor, type Placement } from '../../../src/evaluation/features/image-tensor.js';
import { FidInception } from '../../../src/evaluation/features/inception.js';
import { inceptionInput } from '../../../src/evaluation/features/inception-features.js';
import { loadPublished } from '../../../src/evaluation/features/load-weights.js';
import { ChannelWeights, Lpips } from '../../../src/evaluation/features/lpips.js';
import { openPublished } from '../../../src/evaluation/features/open-published.js';
import { alexNet, TappedNetwork, vgg16 } from '../../../src/evaluation/features/tapped-layers.js';
import { workFolder } from '../../support/work-folder.js';
import { disturbed, image, pattern } from '../patterns.js';

const python = [process.env.PYTHON, 'python3', '/usr/bin/python3']
  .filter(name => name !== undefined)
  .find(name => spawnSync(name, ['-c', 'import torch, PIL, numpy']).status === 0);
const skip = python === undefined && 'needs Python with PyTorch, NumPy and Pillow';

const PROGRAM = `
import json, sys, numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
from PIL import Image
folder = sys.argv[1]
torch.manual_seed(0)
torch.set_num_threads(2)

class Unit(nn.Module):
    def __init__(self, i, o, k, s=1, p=0):
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, s, p, bias=False)
        self.bn = nn.BatchNorm2d(o, eps=0.001)
    def forward(self, x): return F.relu(self.bn(self.conv(x)))
def mean_pool(x): return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
class A(nn.Module):
    def __init__(self, i, p):
        super().__init__()
        self.branch1x1 = Unit(i, 64, 1)
        self.branch5x5_1, self.branch5x5_2 = Unit(i, 48, 1), Unit(48, 64, 5, p=2)
        self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3 = Unit(i, 64, 1), Unit(64, 96, 3, p=1), Unit(96, 96, 3, p=1)
        self.branch_pool = Unit(i, p, 1)
    def forward(self, x):
        return torch.cat([self.branch1x1(x), self.branch5x5_2(self.branch5x5_1(x)),
            self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x))), self.branch_pool(mean_pool(x))], 1)
class B(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.branch3x3 = Unit(i, 384, 3, 2)
        self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3 = Unit(i, 64, 1), Unit(64, 96, 3, p=1), Unit(96, 96, 3, 2)
    def forward(self, x):
        return torch.cat([self.branch3x3(x), self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x))), F.max_pool2d(x, 3, 2)], 1)
class C(nn.Module):
    def __init__(self, i, c):
        super().__init__()
        self.branch1x1 = Unit(i, 192, 1)
        self.branch7x7_1, self.branch7x7_2, self.branch7x7_3 = Unit(i, c, 1), Unit(c, c, (1, 7), p=(0, 3)), Unit(c, 192, (7, 1), p=(3, 0))
        self.branch7x7dbl_1, self.branch7x7dbl_2, self.branch7x7dbl_3 = Unit(i, c, 1), Unit(c, c, (7, 1), p=(3, 0)), Unit(c, c, (1, 7), p=(0, 3))
        self.branch7x7dbl_4, self.branch7x7dbl_5 = Unit(c, c, (7, 1), p=(3, 0)), Unit(c, 192, (1, 7), p=(0, 3))
        self.branch_pool = Unit(i, 192, 1)
    def forward(self, x):
        d = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        return torch.cat([self.branch1x1(x), self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x))),
            self.branch7x7dbl_5(self.branch7x7dbl_4(d)), self.branch_pool(mean_pool(x))], 1)
class D(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.branch3x3_1, self.branch3x3_2 = Unit(i, 192, 1), Unit(192, 320, 3, 2)
        self.branch7x7x3_1, self.branch7x7x3_2 = Unit(i, 192, 1), Unit(192, 192, (1, 7), p=(0, 3))
        self.branch7x7x3_3, self.branch7x7x3_4 = Unit(192, 192, (7, 1), p=(3, 0)), Unit(192, 192, 3, 2)
    def forward(self, x):
        s = self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x))))
        return torch.cat([self.branch3x3_2(self.branch3x3_1(x)), s, F.max_pool2d(x, 3, 2)], 1)
class E(nn.Module):
    def __init__(self, i, pool):
        super().__init__()
        self.pool = pool
        self.branch1x1 = Unit(i, 320, 1)
        self.branch3x3_1, self.branch3x3_2a, self.branch3x3_2b = Unit(i, 384, 1), Unit(384, 384, (1, 3), p=(0, 1)), Unit(384, 384, (3, 1), p=(1, 0))
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Unit(i, 448, 1), Unit(448, 384, 3, p=1)
        self.branch3x3dbl_3a, self.branch3x3dbl_3b = Unit(384, 384, (1, 3), p=(0, 1)), Unit(384, 384, (3, 1), p=(1, 0))
        self.branch_pool = Unit(i, 192, 1)
    def forward(self, x):
        a = self.branch3x3_1(x)
        b = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        return torch.cat([self.branch1x1(x), self.branch3x3_2a(a), self.branch3x3_2b(a),
            self.branch3x3dbl_3a(b), self.branch3x3dbl_3b(b), self.branch_pool(self.pool(x))], 1)
class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.Conv2d_1a_3x3, self.Conv2d_2a_3x3, self.Conv2d_2b_3x3 = Unit(3, 32, 3, 2), Unit(32, 32, 3), Unit(32, 64, 3, p=1)
        self.Conv2d_3b_1x1, self.Conv2d_4a_3x3 = Unit(64, 80, 1), Unit(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = A(192, 32), A(256, 64), A(288, 64)
        self.Mixed_6a = B(288)
        self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = C(768, 128), C(768, 160), C(768, 160), C(768, 192)
        self.Mixed_7a, self.Mixed_7b = D(768), E(1280, mean_pool)
        self.Mixed_7c = E(2048, lambda x: F.max_pool2d(x, 3, 1, 1))
        self.fc = nn.Linear(2048, 8)
    def forward(self, x):
        x = F.max_pool2d(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))), 3, 2)
        x = F.max_pool2d(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)), 3, 2)
        for k in ['5b', '5c', '5d', '6a', '6b', '6c', '6d', '6e', '7a', '7b', '7c']: x = getattr(self, 'Mixed_' + k)(x)
        return x.mean((2, 3))
net = Inception().eval()
for m in net.modules():
    if isinstance(m, nn.BatchNorm2d):
        m.running_mean.normal_(0, 0.1); m.running_var.uniform_(0.05, 0.2); m.weight.data.uniform_(0.8, 1.2); m.bias.data.normal_(0, 0.1)
# A file from before PyTorch 0.4.1 has no counts of batches.
torch.save({k: v for k, v in net.state_dict().items() if 'num_batches' not in k}, folder + '/inception.pth')
x = torch.randn(1, 3, 75, 79, dtype=torch.float64)
np.save(folder + '/x.npy', x.numpy())
with torch.no_grad(): np.save(folder + '/features.npy', net.double()(x).numpy())

alex = nn.Sequential(nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
    nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, 256, 3, padding=1), nn.ReLU())
layers, c = [], 3
for w in [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512]:
    if w == 0: layers.append(nn.MaxPool2d(2, 2)); continue
    layers += [nn.Conv2d(c, w, 3, padding=1), nn.ReLU()]; c = w
vgg = nn.Sequential(*layers)
images = [torch.from_numpy(np.load(folder + f'/{n}.npy').astype(np.float64)).permute(2, 0, 1)[None] / 127.5 - 1 for n in 'ab']
shift = torch.tensor([-.030, -.088, -.188], dtype=torch.float64)[None, :, None, None]
scale = torch.tensor([.458, .448, .450], dtype=torch.float64)[None, :, None, None]
def lpips(name, features, taps, channels):
    lins = [torch.rand(1, n, 1, 1) for n in channels]
    torch.save({'features.' + k: v for k, v in features.state_dict().items()}, folder + f'/{name}.pth')
    torch.save({f'lin{i}.model.1.weight': w for i, w in enumerate(lins)}, folder + f'/{name}-lin.pth')
    features.double()
    total, maps = 0, []
    for x in images:
        x, own = (x - shift) / scale, []
        for i, layer in enumerate(features):
            x = layer(x)
            if i in taps: own.append(x / (x.pow(2).sum(1, keepdim=True).sqrt() + 1e-10))
        maps.append(own)
    for a, b, w in zip(*maps, lins): total = total + F.conv2d((a - b) ** 2, w.double()).mean()
    return total.item()
with torch.no_grad():
    result = {'alex': lpips('alex', alex, [1, 4, 7, 9, 11], [64, 192, 384, 256, 256]), 'vgg': lpips('vgg', vgg, [3, 8, 15, 22, 29], [64, 128, 256, 512, 512])}
a = np.load(folder + '/a.npy')
clean = [np.asarray(Image.fromarray(a[..., k].astype(np.float32), mode='F').resize((299, 299), resample=Image.BICUBIC)).clip(0, 255) for k in range(3)]
np.save(folder + '/clean.npy', np.stack(clean, 2).astype(np.float32))
print(json.dumps(result))
`;

const exact = { device: 'cpu', dtype: 'float64' } as const;
const [a, b] = [image(43, 38, 3, pattern), image(43, 38, 3, disturbed)];

test('LPIPS and Inception agree with PyTorch, and the input of Inception with Pillow', { skip }, t => {
  const folder = workFolder();
  for (const [name, { data }] of Object.entries({ a, b }))
    writeNpy(join(folder, `${name}.npy`), { dtype: 'uint8', shape: [38, 43, 3], bytes: data });
  const { status, stdout, stderr } = spawnSync(python!, ['-c', PROGRAM, folder], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const expected = JSON.parse(stdout) as Record<'alex' | 'vgg', number>;
  const file = (name: string) => readStateDict(join(folder, `${name}.pth`));

  for (const [name, spec] of [
    ['alex', alexNet],
    ['vgg', vgg16],
  ] as const) {
    const open = (placement: Placement) => {
      const network = nn.skipInit(() => new TappedNetwork(spec));
      const weights = nn.skipInit(() => new ChannelWeights(spec.channels));
      loadPublished(network, file(name), spec.title);
      loadPublished(weights, file(`${name}-lin`), 'LPIPS');
      return new Lpips(network, weights, placement);
    };
    using lpips = open(exact);
    const found = lpips.compare(a, b);
    t.diagnostic(`LPIPS ${name}: ${found}, PyTorch ${expected[name]}`);
    assert.ok(Math.abs(found - expected[name]) <= 1e-9 * expected[name], `${name}: ${found}, ${expected[name]}`);
    assert.equal(lpips.compare(a, a), 0);
    using single = open({ device: 'cpu', dtype: 'float32' });
    assert.ok(Math.abs(single.compare(a, b) - expected[name]) <= 1e-4 * expected[name]);
  }
  const files = new Map([['alexnet', join(folder, 'vgg.pth')]]);
  assert.throws(
    () => openPublished(() => new TappedNetwork(alexNet), 'alexnet', files),
    (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /weights of AlexNet: .*vgg\.pth\n.*not AlexNet: features\.0\.weight has shape \[64,3,3,3\]/,
      );
      assert.match(error.parts.remedy, /--weights alexnet=FILE/);
      return true;
    },
  );

  const weights = file('inception');
  const network = nn.skipInit(() => new FidInception());
  loadPublished(network, weights, 'Inception');
  network.to(exact);
  const features = scope(() => [...network.forward(fromData(readNpy(join(folder, 'x.npy')))).data()]) as number[];
  network.dispose();
  const truth = numbersOf(readNpy(join(folder, 'features.npy')));
  const largest = Math.max(...truth.map(Math.abs));
  assert.equal(truth.length, 2048);
  assert.ok(largest > 0.1, 'features that vanish would agree whatever is computed');
  for (const [i, value] of truth.entries()) assert.ok(Math.abs(features[i]! - value) <= 1e-9 * largest, `feature ${i}`);

  const clean = readNpy(join(folder, 'clean.npy'));
  const resized = inceptionInput(a);
  assert.deepEqual([resized.height, resized.width, resized.channels], clean.shape);
  assert.deepEqual(Buffer.from(new Uint8Array(resized.data.buffer)), Buffer.from(clean.bytes));

  scope(() => {
    const grey: ComparedImage = { width: 2, height: 1, channels: 1, data: new Uint8Array([9, 80]) };
    assert.deepEqual(
      [
        ...imageTensor(grey, value => value + 1, exact)
          .contiguous()
          .data(),
      ],
      [10, 81, 10, 81, 10, 81],
    );
  });
});

function numbersOf({ bytes }: TensorData): number[] {
  return [...new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))];
}
