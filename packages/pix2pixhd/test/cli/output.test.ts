/** `--quiet` and `--json` of every command: what is printed where, and that each line is what docs/scripting.md says. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { openTerminal } from '../../src/cli/open-terminal.js';
import { noise, writePng } from '../data/images.js';
import { type Ended, pix2pixhd } from '../support/cli.js';
import { labelNc, tiny, writeImagePairs, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const at = (...names: string[]) => join(root, ...names);
const of = (name: string) => ['--name', name, '--checkpoints-dir', at('checkpoints')];
const trainPairs = (name: string, ...more: string[]) => [
  ...['train', at('pairs'), ...of(name), '--label-nc', '0', ...tiny, '--display-freq', '0', ...more],
];
const trainStyles = (...more: string[]) => [
  ...['train', at('labels'), ...of('styles'), '--label-nc', String(labelNc), ...tiny, '--display-freq', '0'],
  ...['--instance-feat', '--nef', '4', '--n-downsample-E', '2', '--max-steps', '1', ...more],
];

before(() => {
  writeImagePairs(at('pairs'), 'train', 3, 32, 32);
  writeImagePairs(at('pairs'), 'test', 2, 32, 32);
  writeLabelPairs(at('labels'), 'train', 2, 32, 32);
  mkdirSync(at('partly'));
  writePng(at('partly', 'good.png'), 32, 3, noise(32 * 32 * 3));
  writeFileSync(at('partly', 'torn.png'), readFileSync(at('pairs', 'test_A', '0.png')).subarray(0, 60));
});

type Line = Readonly<Record<string, unknown>> & { readonly event: string };

/** The lines of a command with `--json`, which must end with the one result or the one error. */
function linesOf({ stdout }: Ended): Line[] {
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line);
  const ends = lines.filter(({ event }) => event === 'result' || event === 'error');
  assert.deepEqual(ends, [lines.at(-1)]);
  return lines;
}

async function json(...argv: string[]): Promise<{ code: number | null; lines: Line[]; last: Line }> {
  const ended = await pix2pixhd(...argv, '--json');
  assert.equal(ended.stderr, '');
  const lines = linesOf(ended);
  return { code: ended.code, lines, last: lines.at(-1)! };
}

test('train tells steps with their losses, notes and the result', async () => {
  const { code, lines, last } = await json(...trainPairs('run', '--max-steps', '4', '--print-freq', '2'));
  assert.equal(code, 0);
  const steps = lines.filter(({ event }) => event === 'step');
  assert.deepEqual(
    steps.map(({ step, totalSteps }) => [step, totalSteps]),
    [1, 2, 4].map(step => [step, 4]),
  );
  for (const { losses, epoch, secondsPerStep } of steps) {
    assert.ok(
      Number.isFinite((losses as Record<string, number>).G_GAN) && Number(secondsPerStep) > 0 && Number(epoch) > 0,
    );
  }
  assert.ok(lines.some(({ event, pairs }) => event === 'start' && pairs === 3));
  const { event, command, reason, step, run, page } = last;
  assert.deepEqual(
    { event, command, reason, step, run, page },
    {
      ...{ event: 'result', command: 'train', reason: 'max-steps', step: 4 },
      ...{ run: at('checkpoints', 'run'), page: at('checkpoints', 'run', 'index.html') },
    },
  );
  assert.deepEqual((await json(...trainPairs('run', '--max-steps', '4', '--resume'))).last.step, 4);
});

test('a dry run is its options and its plan, which --quiet prints too', async () => {
  const dry = trainPairs('dry', '--dry-run');
  const { last } = await json(...dry);
  assert.equal((last.config as Record<string, unknown>).labelNc, 0);
  assert.ok((last.plan as string[]).some(line => /generator/.test(line)));
  const [plain, quiet] = [await pix2pixhd(...dry), await pix2pixhd(...dry, '--quiet')];
  // Without --quiet it may also say that there is no perceptual loss.
  assert.ok(plain.stdout.endsWith(quiet.stdout) && quiet.stdout.startsWith('Run\n'));
});

test('generate tells every image, and its result', async () => {
  const { lines, last } = await json('generate', ...of('run'), at('pairs', 'test_A'), '--out', at('out'));
  assert.deepEqual(
    lines.filter(({ event }) => event === 'image').map(({ file, done, total }) => [file, done, total]),
    [0, 1].map(i => [at('out', `${i}.png`), i + 1, 2]),
  );
  assert.deepEqual([last.reason, last.images, last.failed, last.step], ['finished', 2, 0, 4]);
});

test('an input that cannot be used is told when it is met, and the error has its code and parts', async () => {
  const argv = ['generate', ...of('run'), at('partly'), '--out', at('partly-out')];
  const { code, lines, last } = await json(...argv);
  const failure = lines.find(({ event }) => event === 'failure')!;
  assert.deepEqual([failure.stem, failure.where], ['torn', at('partly', 'torn.png')]);
  assert.deepEqual([code, last.event, last.doing], [1, 'error', 'generating the images']);
  assert.deepEqual([failure.code, last.code], ['FILE_UNREADABLE', 'INPUTS_FAILED']);
  for (const part of ['found', 'remedy'])
    assert.deepEqual([typeof last[part], typeof failure[part]], ['string', 'string'], part);
  const quiet = await pix2pixhd(...argv, '--quiet');
  assert.deepEqual([quiet.code, quiet.stdout], [1, '']);
  assert.match(quiet.stderr, /^Error while generating the images\n/);
});

test('check tells its findings; --quiet prints them where the data set is not ready', async () => {
  const ready = await json('check', at('pairs'), '--label-nc', '0');
  assert.deepEqual([ready.code, ready.last.ready, ready.last.samples], [0, true, { train: 3, test: 2 }]);
  assert.deepEqual(await quietly('check', at('pairs'), '--label-nc', '0'), ['', '']);
  const { code, last } = await json('check', at('labels'), '--label-nc', '2');
  assert.deepEqual([code, last.event, last.ready], [1, 'result', false]);
  const codes = new Set((last.findings as { code: string }[]).map(finding => finding.code));
  assert.ok(codes.has('label-out-of-range'));
  assert.match((await quietly('check', at('labels'), '--label-nc', '2'))[0]!, /Not ready/);
});

test('encode, export and import tell their results', async () => {
  assert.deepEqual(await quietly(...trainStyles()), ['', '']);
  const encoded = await json('encode', ...of('styles'), '--page-classes', '0');
  assert.equal(encoded.lines.filter(({ event }) => event === 'image').length, 2);
  assert.deepEqual([encoded.last.images, encoded.last.page], [2, null]);
  assert.ok((encoded.last.classes as { id: number; clusters: number }[]).every(({ clusters }) => clusters > 0));
  const exported = await json('export', at('exported'), ...of('run'));
  assert.ok((exported.last.files as string[]).includes(at('exported', 'latest_net_G.pth')));
  const imported = await json('import', at('exported'), ...of('back'));
  assert.ok(imported.lines.some(({ event, text }) => event === 'note' && /moments/.test(String(text))));
  assert.equal(imported.last.run, 'back');
});

test('a wrong command line is an error for programs too, wherever --json stands; --quiet does not hide it', async () => {
  for (const argv of [
    ['--json', 'train', '--ngff', '8'],
    ['train', '--ngff', '8', '--json'],
    ['--json', 'trian'],
  ]) {
    const ended = await pix2pixhd(...argv);
    const [error] = linesOf(ended);
    assert.deepEqual([ended.code, ended.stderr, error!.event], [2, '', 'error']);
    assert.match(String(error!.remedy), /did you mean/);
    assert.match(String(error!.code), /^BAD_(OPTION|COMMAND)$/);
  }
  const quiet = await pix2pixhd('train', '--ngff', '8', '--quiet');
  assert.deepEqual([quiet.code, quiet.stdout], [2, '']);
  assert.match(quiet.stderr, /did you mean --ngf\?/);
});

test('with both options programs read the result alone', async () => {
  const { stdout, stderr } = await pix2pixhd('export', at('again'), ...of('run'), '--json', '--quiet');
  assert.deepEqual([linesOf({ stdout } as Ended).length, stderr], [1, '']);
});

test('names reach programs as they are, and a terminal as text', () => {
  let said = '';
  const stream = { write: (text: string) => (said += text) };
  const name = 'a\x1b[2J\x9b2J\n\u202eb.png';
  openTerminal({ out: stream, error: stream }, 'generate', { json: true, quiet: false, debug: false }).event('image', {
    file: name,
  });
  assert.doesNotMatch(said.slice(0, -1), /[\p{Cc}\u202e]/u);
  assert.equal(JSON.parse(said).file, name);
});

async function quietly(...argv: string[]): Promise<[stdout: string, stderr: string]> {
  const { stdout, stderr } = await pix2pixhd(...argv, '--quiet');
  return [stdout, stderr];
}
