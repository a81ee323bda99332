/**
 * Coarse to fine in one command: which weights are frozen, which are trained, what is carried over with its moments, and
 * that a run stopped in any stage continues as if it had not been. (In the public implementation the global generator never
 * trains again after `niter_fix_global`, and its moments would be lost.)
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { TensorData } from '@pix2pixhd/torch';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { refuse, start, succeed, until } from '../support/cli.js';
import { assertSameRun, labelNc, lossesOf, tensorsOf, tiny, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
writeLabelPairs(dataroot, 'train', 4, 64, 32);
writeLabelPairs(dataroot, 'test', 1, 64, 32);

const options = [
  ...['--dataroot', dataroot, '--label-nc', String(labelNc), ...tiny],
  ...['--resize-or-crop', 'scale_width', '--n-downsample-global', '1', '--n-blocks-local', '1', '--num-D', '1'],
  ...['--instance-feat', '--nef', '4', '--n-downsample-E', '2', '--ema', '0.9'],
  // 3 steps of G1, then 2 and 3 of each enhancer: alone, and with the rest.
  ...['--stages', '16:steps=3:batch=2,32:fix=2:steps=3,64:fix=2:steps=3:lr=1e-4'],
  ...['--checkpoints-dir', root, '--keep-checkpoints', '0', '--save-latest-freq', '0', '--save-epoch-freq', '0'],
];
const ends = { 1: 3, 2: 5, 3: 8, 4: 10, 5: 13 };
let printed = '';
const stages = new Map<number, Map<string, TensorData>>();

before(async () => {
  printed = await succeed('train', '--name', 'full', ...options);
  for (const number of Object.keys(ends)) stages.set(Number(number), tensorsOf(join(root, 'full'), `stage-${number}`));
});

/** The keys with a prefix whose tensors are the same after two stages, and the others. */
function compare(prefix: string, stage: number, later: number): { same: string[]; changed: string[] } {
  const [one, other] = [stages.get(stage)!, stages.get(later)!];
  const keys = [...one.keys()].filter(key => key.startsWith(prefix) && other.has(key));
  const same = keys.filter(key => Buffer.compare(one.get(key)!.bytes, other.get(key)!.bytes) === 0);
  return { same, changed: keys.filter(key => !same.includes(key)) };
}

/** Convolution weights only: a bias before instance norm has no gradient, so it may stay the same. */
const weights = (keys: readonly string[]) => keys.filter(key => key.endsWith('.weight'));

test('every stage runs its steps, and its result is kept', () => {
  assert.equal(lossesOf(join(root, 'full')).length, 13);
  const store = new CheckpointStore(join(root, 'full', 'checkpoints'));
  for (const [number, step] of Object.entries(ends)) {
    const { state, stageConfig } = Checkpoint.read(store.find(`stage-${number}`), 'state');
    assert.deepEqual([state.stage, state.step], [Number(number), step]);
    const level = Math.ceil((Number(number) + 1) / 2);
    assert.deepEqual(
      [stageConfig.loadSize, stageConfig.numD, stageConfig.ngf, stageConfig.batchSize],
      [8 * 2 ** level, level, 8 / 2 ** level, level === 1 ? 2 : 1],
    );
  }
});

test('a new enhancer trains alone: everything before it is frozen bit for bit, moments included', () => {
  for (const [trained, frozen] of [
    [1, 2],
    [3, 4],
  ] as const) {
    for (const prefix of ['G.', 'optimG.exp_avg.', 'optimG.exp_avg_sq.']) {
      const { same, changed } = compare(prefix, trained, frozen);
      assert.ok(same.length > 0);
      assert.deepEqual(changed, [], `changed in stage ${frozen}`);
    }
  }
});

test('afterwards everything trains, including G1 and the earlier enhancer', () => {
  for (const [frozen, joint] of [
    [2, 3],
    [4, 5],
  ] as const) {
    const { same, changed } = compare('G.', frozen, joint);
    assert.deepEqual(weights(same), [], `still frozen in stage ${joint}`);
    assert.ok(weights(changed).some(key => key.startsWith('G.model.')));
  }
});

test('an unfrozen weight continues with its earlier moments', () => {
  const moments = (stage: number, key: string) => stages.get(stage)!.get(key)!;
  // The moments of an unfrozen weight are neither zero (started over) nor unchanged.
  const key = 'optimG.exp_avg_sq.model.1.weight';
  assert.notDeepEqual(moments(3, key), moments(2, key));
  const all = new Float32Array(moments(2, key).bytes.slice().buffer);
  const woken = new Float32Array(moments(3, key).bytes.slice().buffer);
  // exp_avg_sq decays by 0.999 per step and only non-negative terms are added: after three steps at least 0.997 of it is left.
  assert.ok(woken.every((value, i) => value >= 0.996 * all[i]!));
});

test('a finer discriminator is added to the trained coarser ones; the encoder continues', () => {
  for (const [stage, next, finest] of [
    [1, 2, 'scale1'],
    [3, 4, 'scale2'],
  ] as const) {
    const keys = (number: number) => [...stages.get(number)!.keys()].filter(key => key.startsWith('D.'));
    const added = keys(next).filter(key => !keys(stage).includes(key));
    assert.ok(added.length > 0 && added.every(key => key.startsWith(`D.${finest}_`)), added.join());
  }
  assert.match(printed, /stage 2 of 5: enhancer 1 alone, what came before frozen, 32 wide, batch 1, 2 steps/);
  assert.match(
    printed,
    /generator: taken model \(\d+ tensors\); new model1_1 \(\d+ tensors\), model1_2 .*; left behind model \(2 tensors\)/,
  );
  assert.match(printed, /discriminator: taken scale0 \(10 tensors\); new scale1 \(10 tensors\)/);
  assert.match(printed, /encoder: taken model \(\d+ tensors\)\n/);
});

test("the stage's learning rate applies: at a thousandth of it weights hardly move", async () => {
  await succeed('train', '--name', 'slow', ...options, '--stages', '16:steps=3:batch=2,32:fix=2:steps=3:lr=1e-9');
  const slow = tensorsOf(join(root, 'slow'), 'stage-3');
  const frozen = tensorsOf(join(root, 'slow'), 'stage-2');
  const distance = (a: TensorData, b: TensorData) => {
    const [x, y] = [a, b].map(({ bytes }) => new Float32Array(bytes.slice().buffer));
    return Math.max(...x!.map((value, i) => Math.abs(value - y![i]!)));
  };
  assert.ok(distance(slow.get('G.model.1.weight')!, frozen.get('G.model.1.weight')!) < 1e-7);
  assert.ok(distance(stages.get(3)!.get('G.model.1.weight')!, stages.get(2)!.get('G.model.1.weight')!) > 1e-5);
});

for (const [step, where] of [
  [2, 'in the first stage'],
  [3, 'between two stages'],
  [4, 'while the first enhancer trains alone'],
  [7, 'while both train'],
  [9, 'while the second enhancer trains alone'],
  [12, 'in the last stage'],
] as const)
  test(`stopped ${where} and resumed: the same losses, weights, moments and random states`, async () => {
    const name = `stopped-${step}`;
    await succeed('train', '--name', name, ...options, '--max-steps', String(step));
    await succeed('train', '--name', name, '--checkpoints-dir', root, '--resume', '--max-steps', '13');
    assertSameRun(join(root, name), join(root, 'full'), 13);
  });

test('killed in the frozen and in the joint stage: steps after the last checkpoint are repeated, with the same result', async () => {
  const longer = [
    '--stages',
    '16:steps=4:batch=2,32:fix=30:steps=40',
    '--save-latest-freq',
    '5',
    '--display-freq',
    '0',
  ];
  await succeed('train', '--name', 'alone', ...options, ...longer);
  const run = join(root, 'killed');
  const logged = () => lossesOf(run).length;
  let process = start(['train', '--name', 'killed', ...options, ...longer]);
  for (const step of [12, 47]) {
    await until(() => logged() >= step, process);
    process.child.kill('SIGKILL');
    assert.equal((await process.ended).signal, 'SIGKILL');
    const stage = Checkpoint.read(new CheckpointStore(join(run, 'checkpoints')).find('latest'), 'state').state.stage;
    assert.equal(stage, step === 12 ? 2 : 3);
    process = start(['train', '--name', 'killed', '--checkpoints-dir', root, '--resume']);
  }
  assert.equal((await process.ended).code, 0);
  assertSameRun(run, join(root, 'alone'), 74);
});

test('every stage can generate, each with its own network', async () => {
  for (const which of ['stage-1', 'stage-2', 'latest', 'best'])
    await succeed(
      ...[
        'generate',
        '--name',
        'full',
        '--checkpoints-dir',
        root,
        '--which-epoch',
        which,
        '--style',
        `image:${join(dataroot, 'test_img')}`,
      ],
      ...['--dataroot', dataroot, '--out', join(root, 'out', which)],
    );
});

test('invalid stages are refused', async () => {
  const train = ['train', '--name', 'refused', ...options];
  for (const [stages, found] of [
    ['16,48', /48 after 16/],
    ['16,x', /x where a width should be/],
    ['16:steps=0', /steps=0/],
    ['16:size=3', /the setting size=3/],
    ['16:steps=3:epochs=2', /epochs and steps/],
    ['16:fix=3,32', /fix for the first width/],
  ] as const)
    await refuse([...train, '--stages', stages], 2, /--stages/, found);
  await refuse([...train, '--resize-or-crop', 'none'], 2, /--resize-or-crop/);
  await refuse([...train, '--netG', 'local'], 2, /--netG/);
  await refuse([...train, '--ngf', '6'], 2, /--ngf/, /a multiple of 4/);
  await refuse([...train, '--no-instance'], 2, /--instance-feat/);
  await refuse(['train', '--name', 'full', '--checkpoints-dir', root, '--resume', '--stages', '16,32'], 1, /--stages/);
});
