/**
 * The server of studies: whom it answers, what it tells, and above all what it does not: which method an image is of, what a trial is
 * for, what others see.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { paths, type Sitting } from '@pix2pixhd/study/protocol';
import { pageOf } from '../../src/cli/serving.js';
import type { RunningServer } from '../../src/server/app.js';
import { startStudyServer } from '../../src/server/study-server.js';
import { readStudy } from '../../src/study/experiment.js';
import { OpenExperiment } from '../../src/study/open-experiment.js';
import { succeed } from '../support/cli.js';
import { drawScenes } from '../support/study.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const methods = ['our-method', 'pix2pix'];
let open: OpenExperiment;
let server: RunningServer;
let tokens: readonly string[];

before(async () => {
  await drawScenes(root, [...methods, 'real'], 8);
  const results = methods.flatMap(name => ['--results', `${name}=${join(root, name)}`]);
  const plan = ['--raters', '2', '--trials', '6', '--practice', '1', '--checks', '2'];
  await succeed('study', 'create', ...results, '--real', join(root, 'real'), ...plan, '--out', join(root, 'study'));
  open = new OpenExperiment(readStudy(join(root, 'study'))[0]!);
  tokens = open.experiment.raters.map(({ token }) => token);
  const listening = { host: '127.0.0.1', port: 0, publicHost: null };
  server = await startStudyServer([open], pageOf('@pix2pixhd/study'), listening, error => assert.fail(String(error)));
});
after(async () => {
  await server?.close();
  await open?.close();
});

const ask = (path: string, token?: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(new URL(path, server.address), {
    ...(body !== undefined && { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  });
const sittingOf = async (rater: number) => (await (await ask(paths.sitting, tokens[rater])).json()) as Sitting;
const answer = (trial: number, more: object = {}) => ({
  trial,
  choice: 'a',
  shownMs: 500,
  responseMs: 500,
  views: 1,
  ...more,
});

test('the page is served under its policy, and nothing else by name', async () => {
  const page = await ask('/');
  assert.match(await page.text(), /<div id="app">/);
  assert.match(page.headers.get('content-security-policy')!, /default-src 'none'/);
  for (const path of [
    '/experiment.json',
    '/study/pairwise/answers.jsonl',
    '/image/',
    '/image/..%2fexperiment.json',
    '/metrics',
  ])
    assert.equal((await ask(path)).status, 404, path);
});

test('a rater is told what to show; neither that, nor headers, nor images tell what they are', async () => {
  const sitting = await sittingOf(0);
  assert.equal(sitting.trials.length, 9);
  assert.deepEqual([sitting.practice, sitting.answered, sitting.consented], [1, 0, false]);
  const { images, raters } = open.experiment;
  const told = JSON.stringify({ ...sitting, question: '', consent: '' });
  for (const secret of [
    ...methods,
    'real',
    'spoilt',
    'attention',
    'scene',
    'pairwise',
    ...images.map(({ file }) => file),
  ])
    assert.ok(!told.includes(secret), secret);
  const shapes = new Set(sitting.trials.map(trial => Object.keys(trial).join()));
  assert.equal(shapes.size, 1);
  // Each image of each trial has an address of its own, even where it is the same image.
  const addresses = sitting.trials.flatMap(({ a, b }) => [a, b]);
  const others = (await sittingOf(1)).trials.flatMap(({ a, b }) => [a, b]);
  assert.equal(new Set([...addresses, ...others]).size, 36);
  const headers = new Set<string>();
  for (const [i, address] of addresses.slice(0, 6).entries()) {
    const response = await ask(address);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
    const trial = raters[0]!.trials[i >> 1]!;
    assert.ok(!bytes.includes(images[i % 2 === 0 ? trial.a : trial.b]!.stem));
    headers.add([...response.headers.keys()].sort().join());
    assert.equal(response.headers.get('etag') ?? response.headers.get('last-modified'), null);
  }
  assert.equal(headers.size, 1);
});

test('without a link there is nothing; from another site or by another name neither', async () => {
  for (const token of [undefined, '', 'x'.repeat(22), tokens[0]!.slice(0, -1), `${tokens[0]}x`])
    for (const [path, body] of [[paths.sitting], [paths.consent, {}], [paths.answer, answer(0)]] as const)
      assert.equal((await ask(path, token, body)).status, 401, `${path} ${token}`);
  const elsewhere = { origin: 'http://elsewhere.example' };
  assert.equal((await ask(paths.answer, tokens[0], answer(0), elsewhere)).status, 403);
  const status = await new Promise(resolve => {
    const { hostname, port } = new URL(server.address);
    request({ hostname, port, path: '/', headers: { host: 'elsewhere.example' } }, response => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  assert.equal(status, 421);
});

test('answers are taken after consent, in their turn, once; what is none is refused', async () => {
  assert.equal((await ask(paths.answer, tokens[0], answer(0))).status, 409);
  assert.deepEqual(await (await ask(paths.consent, tokens[0], {})).json(), { answered: 0 });
  for (const odd of [
    '{',
    '[]',
    'null',
    '{"trial":0}',
    answer(-1),
    answer(0.5),
    answer(0, { choice: 'c' }),
    answer(0, { shownMs: -1 }),
  ])
    assert.equal((await ask(paths.answer, tokens[0], odd)).status, 400, JSON.stringify(odd));
  assert.equal((await ask(paths.answer, tokens[0], `"${'x'.repeat(2000)}"`)).status, 413);
  assert.equal((await ask(paths.answer, tokens[0], answer(1))).status, 409);
  for (const times of [1, 2, 3]) {
    const response = await ask(paths.answer, tokens[0], answer(0));
    assert.deepEqual([response.status, await response.json()], [200, { answered: 1 }], String(times));
  }
  const behind = await ask(paths.answer, tokens[0], answer(5));
  assert.deepEqual([behind.status, await behind.json()], [409, { answered: 1 }]);
  assert.deepEqual([(await sittingOf(0)).answered, (await sittingOf(1)).answered], [1, 0]);
});
