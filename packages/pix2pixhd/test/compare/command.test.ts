/**
 * `pix2pixhd compare` from data to tables: what is done is kept, what is interrupted goes on as if nothing had happened, what is
 * wrong is one error.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { Comparison } from '../../src/compare/results-file.js';
import { pix2pixhd, refuse, start, succeed, until } from '../support/cli.js';
import { assertSameRun, lossesOf, tiny, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const at = (...names: string[]) => join(root, ...names);
const data = at('data');
const small = [...tiny, '--label-nc', '0'];
const compare = (out: string, ...options: string[]) => ['compare', data, ...small, '--out', at(out), ...options];
const configs = ['--configs', at('configs.json')];
const runOf = (out: string, candidate: string) =>
  at(out, 'runs', readdirSync(at(out, 'runs')).find(name => name.startsWith(`${candidate}-seed0-`))!);

before(() => {
  writeImagePairs(data, 'train', 2, 32, 32);
  writeImagePairs(data, 'test', 5, 32, 32);
  const candidates = { plain: {}, skipped: { skips: 'all' } };
  writeFileSync(
    at('configs.json'),
    JSON.stringify({ base: { noFlip: true }, candidates, groups: { first: ['0', '1'] } }),
  );
});

test('candidates are trained, compared and shown; called again, nothing is done twice', async () => {
  const options = compare('out', '--steps', '2', ...configs);
  const plan = await succeed(...options, '--dry-run');
  assert.match(plan, /^2 runs of 2 steps each: 2 candidates, one seed$/m);
  assert.match(plan, /^skipped {2}--skips all$/m);
  assert.ok(!existsSync(at('out')));

  const text = await succeed(...options);
  assert.match(text, /^plain, seed 0: done: 2 steps in /m);
  assert.match(text, /^all candidates: 5 images/m);
  assert.match(text, /^ {2}less plain +[+−][\d.]+ \([+−][\d.]+ to [+−][\d.]+, p [\d<. ]+\)/m);
  assert.match(text, /^first: 2 images/m);
  const file = at('out', 'results.json');
  const { candidates, summaries, tables, command, base, images } = JSON.parse(readFileSync(file, 'utf8')) as Comparison;
  assert.deepEqual(
    candidates.map(({ name, runs }) => [name, runs.map(({ step, reason }) => [step, reason])]),
    [
      ['plain', [[2, 'max-steps']]],
      ['skipped', [[2, 'max-steps']]],
    ],
  );
  assert.equal(base.noFlip, true);
  assert.deepEqual([images.length, tables.map(table => table.images.length)], [5, [5, 2]]);
  // The figures are those of evaluate on the same runs.
  const judged = ['plain', 'skipped'].flatMap(name => ['--checkpoints', `${name}=${runOf('out', name)}`]);
  await succeed(
    'evaluate',
    ...judged,
    '--dataroot',
    data,
    '--out',
    at('again'),
    '--threads',
    '1',
    '--precision',
    'fp32',
    '--device',
    'cpu',
  );
  const { summaries: expected } = JSON.parse(readFileSync(at('again', 'results.json'), 'utf8')) as Comparison;
  assert.deepEqual(summaries, expected);
  const page = readFileSync(at('out', 'report.html'), 'utf8');
  assert.doesNotMatch(page, /(src|href)="(?!data:)/);
  for (const part of ['pix2pixhd compare</title>', '--skips all', 'less plain', command.replace(/"/g, '&quot;')])
    assert.ok(page.includes(part), part);

  const checkpoints = statSync(join(runOf('out', 'plain'), 'checkpoints')).mtimeMs;
  const { code, stdout } = await pix2pixhd(...options, '--json');
  assert.equal(code, 0);
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    lines.filter(({ event }) => event === 'run').map(({ state }) => state),
    ['kept', 'kept'],
  );
  assert.deepEqual([lines.at(-1).event, lines.at(-1).reproduce], ['result', command]);
  assert.equal(statSync(join(runOf('out', 'plain'), 'checkpoints')).mtimeMs, checkpoints);
});

test('after Ctrl-C the same command goes on, and the run is the one that was never interrupted', async () => {
  const options = ['--steps', '60', ...configs, '--only', 'skipped'];
  const interrupted = start(compare('stopped', ...options));
  const begun = () => existsSync(at('stopped', 'runs')) && readdirSync(at('stopped', 'runs')).length > 0;
  await until(begun, interrupted);
  const run = runOf('stopped', 'skipped');
  await until(() => existsSync(join(run, 'losses.jsonl')) && lossesOf(run).length >= 5, interrupted);
  interrupted.child.kill('SIGINT');
  const { code, stderr } = await interrupted.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /Interrupted; what was done is kept/);
  const done = lossesOf(run).length;
  assert.ok(done < 60, String(done));
  assert.match(await succeed(...compare('stopped', ...options)), /skipped, seed 0: goes on: .* bit for bit/);
  const straight = [
    '--name',
    'straight',
    '--checkpoints-dir',
    root,
    '--no-flip',
    '--skips',
    'all',
    '--max-steps',
    '60',
  ];
  await succeed('train', data, ...small, ...straight, '--niter', '30', '--niter-decay', '0', '--display-freq', '0');
  assertSameRun(run, at('straight'), 60);
});

test('a candidate that fails is told and in no table, and the others are compared', async () => {
  const candidates = { plain: {}, broken: { loadPretrain: at('nowhere') } };
  writeFileSync(at('broken.json'), JSON.stringify({ base: { noFlip: true }, candidates }));
  // The same place as above: the other candidate is there.
  const { code, stdout, stderr } = await pix2pixhd(...compare('out', '--steps', '2', '--configs', at('broken.json')));
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^plain, seed 0: kept/m);
  assert.match(stderr, /^warning: broken, seed 0: failed: .*nowhere/m);
  assert.match(stderr, /^warning: broken is in no table/m);
  assert.match(stdout, /^plain +[\d.]+ \(/m);
});

test('what is wrong is said before anything is trained', async () => {
  const file = (name: string, content: string) => {
    writeFileSync(at(name), content);
    return ['--configs', at(name)];
  };
  const cases: [string[], 1 | 2, RegExp][] = [
    [configs, 2, /--minutes N/],
    [['--steps', '2', '--minutes', '1'], 2, /one of them/],
    [['--steps', '2', ...configs, '--ablation', 'losses'], 2, /--configs as well/],
    [['--steps', '2', '--ablation', 'instances'], 2, /--ablation instances[\s\S]*no instance maps/],
    [['--steps', '2', '--ablation', 'depth'], 2, /generator, discriminator/],
    [['--steps', '2', ...configs, '--only', 'plain,absent'], 2, /no candidate absent[\s\S]*plain, skipped/],
    [['--steps', '2', ...configs, '--phase', 'val'], 1, /val_A/],
    [['--steps', '2', '--configs', at('nowhere.json')], 1, /no such file/],
    [['--steps', '2', ...file('a.json', '{')], 1, /JSON/],
    [['--steps', '2', ...file('b.json', '{"candidates": {}}')], 1, /at least one/],
    [['--steps', '2', ...file('c.json', '{"candidates": {"a": {"skip": "all"}}}')], 1, /a: skip/],
    [['--steps', '2', ...file('d.json', '{"candidates": {"a": {"ngf": -1}}}')], 1, /a: ngf/],
    [['--steps', '2', ...file('e.json', '{"candidates": {"a": {"netG": "unet", "skips": "all"}}}')], 2, /--skips all/],
    [['--steps', '2', ...file('f.json', '{"candidates": {"a": {"seed": 3}}}')], 1, /a: seed/],
  ];
  for (const [argv, code, part] of cases) await refuse(compare('never', ...argv), code, part);
  assert.ok(!existsSync(at('never')));
  await refuse(compare('data/test_B/x', '--steps', '2', ...configs), 1, /among the images of test_B/);
  mkdirSync(at('foreign'));
  writeFileSync(at('foreign', 'results.json'), '{"mine": true}');
  await refuse(compare('foreign', '--steps', '2', ...configs), 1, /did not make/);
  writeFileSync(at('foreign', 'runs.json'), '[]');
  await refuse(compare('foreign', '--steps', '2', ...configs), 1, /runs\.json/);
});
