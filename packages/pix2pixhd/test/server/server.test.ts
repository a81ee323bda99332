/**
 * The editor's server as a process: what it serves, what it renders, whom it refuses, and that nothing a stranger sends stops
 * it. The generator is a real one, of two steps.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeFrame, encodeRuns, protocolVersion } from '@pix2pixhd/editor/protocol';
import { readSafetensors, writeSafetensors } from '@pix2pixhd/torch';
import sharp from 'sharp';
import { decodeInstanceMap, decodeLabelMap, encode, exportGenerator, loadGenerator, train } from '../../src/index.js';
import { makeWorld } from '../api/world.js';
import { refuse } from '../support/cli.js';
import {
  plainCompute,
  type Serving,
  serveEditor,
  serveEditorHere,
  tinyTraining,
  trainStyled,
} from '../support/editor.js';
import { Talk } from './talk.js';

const world = makeWorld();
const at = (...path: string[]) => join(world, ...path);
const checkpointsDir = at('checkpoints');
const model = ['--checkpoints-dir', checkpointsDir, '--name', 'styled', ...plainCompute];

let server: Serving;
before(async () => {
  await trainStyled(at('data/city'), checkpointsDir);
  server = await serveEditor(...model);
});
after(() => server?.child.kill());

async function greeted(address = server.address, token?: string): Promise<Talk> {
  const talk = new Talk(address);
  await once(talk.socket, 'open');
  talk.send({ type: 'hello', protocol: protocolVersion, ...(token !== undefined && { token }) });
  await talk.next('ready');
  return talk;
}

const styles = { seed: 3, default: 'random', instances: [] } as const;
const mutable = { ...styles, instances: [] as [number, 'mean'][] };

async function drawn(talk: Talk): Promise<{ width: number; height: number }> {
  talk.send({ type: 'gallery', item: 0 });
  const { header, bytes } = await talk.next('canvas');
  const { width, height } = header;
  talk.send({ type: 'open', width, height });
  talk.send({ type: 'change', x: 0, y: 0, width, height }, bytes);
  return { width, height };
}

test('the page, health and figures are served, with a policy; nothing else is', async () => {
  const page = await fetch(server.address);
  assert.match(await page.text(), /<div id="app">/);
  assert.match(page.headers.get('content-security-policy')!, /default-src 'none'.*script-src 'self'/);
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(server.address)).text())![1]!;
  assert.equal((await fetch(new URL(script, server.address))).status, 200);
  assert.deepEqual(await (await fetch(new URL('/healthz', server.address))).json(), { status: 'ok' });
  assert.match(await (await fetch(new URL('/metrics', server.address))).text(), /^pix2pixhd_images_total \d+$/m);
  for (const path of ['/package.json', '/assets/..%2f..%2fpackage.json', '/%00', '/assets/', '/socket'])
    assert.equal((await fetch(new URL(path, server.address))).status, 404, path);
  // As it is, without the tidying of fetch.
  const status = await new Promise(resolve =>
    request({ host: server.address.hostname, port: server.address.port, path: '/../../../etc/passwd' }, response => {
      response.resume();
      resolve(response.statusCode);
    }).end(),
  );
  assert.equal(status, 404);
});

test('an image is that of the generator, for the same maps and styles; reduced, one of half the size', async () => {
  const talk = await greeted();
  const { header } = await talk.next('ready');
  assert.equal(header.model.labelNc, 5);
  assert.equal(header.model.classes[4]!.countable, true);
  assert.deepEqual([header.model.width, header.model.height], [64, 32]);
  assert.deepEqual(
    header.gallery.map(({ name }) => name),
    ['0', '1'],
  );
  const { width, height } = await drawn(talk);
  talk.send({ type: 'render', revision: 1, format: 'png', reduce: 1, styles: mutable });
  const rendered = await talk.next('image');
  assert.deepEqual([rendered.header.revision, rendered.header.width, rendered.header.height], [1, width, height]);
  const pixels = await sharp(rendered.bytes).raw().toBuffer();
  await using generator = await loadGenerator(at('checkpoints/styled'), {
    precision: 'fp32',
    device: 'cpu',
    worker: true,
    threads: 1,
  });
  const expected = await generator.generate(at('data/city/test_label/0.png'), {
    instances: at('data/city/test_inst/0.png'),
    style: { seed: 3 },
  });
  assert.deepEqual(new Uint8Array(pixels), new Uint8Array(expected.data));
  const before = talk.received.length;
  talk.send({ type: 'render', revision: 2, format: 'webp', reduce: 2, styles: mutable });
  const half = await talk.next('image', before);
  assert.deepEqual([half.header.width, half.header.height], [width / 2, height / 2]);
  talk.socket.close();
});

test('a drawing goes to the page and back as the files have it', async () => {
  const talk = await greeted();
  talk.send({ type: 'gallery', item: 1 });
  const { header, bytes } = await talk.next('canvas');
  const label = await decodeLabelMap(at('data/city/test_label/1.png'));
  const instance = await decodeInstanceMap(at('data/city/test_inst/1.png'));
  const maps = {
    width: label.width,
    height: label.height,
    labels: Uint16Array.from(label.data),
    instances: Int32Array.from(instance.data),
  };
  assert.deepEqual([header.width, header.height], [label.width, label.height]);
  assert.deepEqual(bytes, encodeRuns(maps, { x: 0, y: 0, width: label.width, height: label.height }));
  talk.send({ type: 'gallery', item: 99 });
  assert.match((await talk.next('failed')).header.message, /no 99/);
  talk.socket.close();
});

test('an object is shown in every cluster of its class; the latest of many edits is rendered, and not all of them', async () => {
  const talk = await greeted();
  await drawn(talk);
  const instance = (await decodeInstanceMap(at('data/city/test_inst/0.png'))).data[0]!;
  talk.send({ type: 'clusters', revision: 1, instance, styles: mutable });
  const first = await talk.next('cluster');
  assert.deepEqual([first.header.instance, first.header.cluster], [instance, 0]);
  for (let revision = 1; revision <= 100; revision++)
    talk.send({ type: 'render', revision, format: 'webp', reduce: 1, styles: mutable });
  let image = await talk.next('image');
  while (image.header.revision < 100) image = await talk.next('image', talk.received.indexOf(image) + 1);
  const images = talk.received.filter(({ header }) => header.type === 'image').length;
  assert.ok(images < 50, `${images} of 100 were rendered`);
  talk.socket.close();
});

test('where classes have looks, an object is shown in those of its class', async () => {
  await train({
    ...tinyTraining,
    checkpointsDir,
    dataroot: at('data/city'),
    name: 'by-class',
    labelNc: 5,
    labelFeat: true,
  });
  await encode({ name: 'by-class', checkpointsDir, nClusters: 2 });
  const other = await serveEditorHere('--checkpoints-dir', checkpointsDir, '--name', 'by-class', ...plainCompute);
  try {
    const talk = await greeted(other.address);
    await drawn(talk);
    const [label] = (await decodeLabelMap(at('data/city/test_label/0.png'))).data;
    const [instance] = (await decodeInstanceMap(at('data/city/test_inst/0.png'))).data;
    const plain = { seed: 0, default: 'mean' as const };
    talk.send({ type: 'clusters', revision: 1, instance: instance!, styles: { ...plain, instances: [] } });
    const last = await talk.next('cluster', talk.received.indexOf(await talk.next('cluster')) + 1);
    assert.equal(last.header.cluster, 1);
    const chosen = { ...plain, instances: [[label!, { cluster: 1 }]] as [number, { cluster: number }][] };
    talk.send({ type: 'render', revision: 2, format: 'webp', reduce: 1, styles: chosen });
    assert.deepEqual((await talk.next('image')).bytes, last.bytes);
    talk.send({ type: 'render', revision: 3, format: 'webp', reduce: 1, styles: { ...plain, instances: [] } });
    const mean = await talk.next('image', talk.received.length);
    assert.notDeepEqual(mean.bytes, last.bytes);
    talk.socket.close();
  } finally {
    await other.close();
  }
});

test('an object takes the look of a whole photo, or every object that of its place; the features are those of the API', async () => {
  const talk = await greeted();
  const { width, height } = await drawn(talk);
  const photo = at('data/city/test_img/0.png');
  const pixels = await sharp(photo).removeAlpha().raw().toBuffer();
  const [label, instances] = [at('data/city/test_label/0.png'), at('data/city/test_inst/0.png')];
  await using generator = await loadGenerator(at('checkpoints/styled'), { precision: 'fp32', device: 'cpu' });
  const close = (looks: readonly (readonly [number, readonly number[]])[], expected: typeof looks) => {
    assert.deepEqual(new Set(looks.map(([id]) => id)), new Set(expected.map(([id]) => id)));
    const byId = new Map(expected);
    for (const [id, features] of looks)
      for (const [channel, value] of features.entries())
        assert.ok(Math.abs(value - byId.get(id)![channel]!) < 1e-5, `${id}: ${features} and ${byId.get(id)}`);
  };
  talk.send({ type: 'look', instance: null, width, height }, pixels);
  const everything = await talk.next('look');
  close(everything.header.looks, [...(await generator.encodeStyles(photo, { input: label, instances }))]);

  // The photo is of any size where it is one object's: here its upper half.
  const instance = (await decodeInstanceMap(instances)).data[0]!;
  const half = { width, height: height / 2, data: new Int32Array((width * height) / 2).fill(1) };
  const upper = { width, height: height / 2, data: new Uint8Array(pixels.subarray(0, pixels.length / 2)) };
  const expected = [...(await generator.encodeStyles(upper, { input: half, instances: half })).values()];
  const from = talk.received.length;
  talk.send({ type: 'look', instance, width, height: height / 2 }, upper.data);
  close((await talk.next('look', from)).header.looks, [[instance, expected[0]!]]);

  for (const [wrong, bytes, message] of [
    [{ instance, width, height }, pixels.subarray(3), /6141 bytes for 64×32/],
    [{ instance: -5, width, height }, pixels, /no object -5/],
    [{ instance: null, width: height, height: width }, pixels, /32×64 for a canvas of 64×32/],
    [{ instance, width: 600, height: 1 }, new Uint8Array(1800), /at most 512/],
  ] as const) {
    const before = talk.received.length;
    talk.send({ type: 'look', ...wrong }, bytes);
    assert.match((await talk.next('failed', before)).header.message, message);
  }
  const before = talk.received.length;
  talk.send({ type: 'look', instance, width: 1, height: 1 }, new Uint8Array(3));
  assert.equal((await talk.next('look', before)).header.looks.length, 1);
  talk.socket.close();
});

test('a network without encoder takes no looks from photos', async () => {
  // As earlier versions exported it.
  const [exported] = exportGenerator({ name: 'styled', checkpointsDir, out: at('exported'), format: 'safetensors' });
  const { tensors, metadata } = readSafetensors(exported!);
  const file = at('exported/alone.safetensors');
  writeSafetensors(file, new Map([...tensors].filter(([name]) => !name.startsWith('encoder.'))), metadata);
  const other = await serveEditorHere('--checkpoint', file, ...plainCompute);
  try {
    const talk = await greeted(other.address);
    assert.equal((await talk.next('ready')).header.model.styles?.fromImages, false);
    talk.send({ type: 'open', width: 8, height: 4 });
    talk.send({ type: 'look', instance: null, width: 8, height: 4 }, new Uint8Array(96));
    assert.match((await talk.next('failed')).header.message, /takes no looks from photos/);
    talk.socket.close();
  } finally {
    await other.close();
  }
});

test('strangers are refused: other pages, other names, no token, no greeting', async () => {
  const refusal = async (options: ConstructorParameters<typeof Talk>[1]) =>
    (await new Talk(server.address, options).end()).reason;
  assert.match(await refusal({ origin: 'http://evil.example' }), /403/);
  assert.match(await refusal({ headers: { host: 'evil.example' } }), /421/);
  const named = await new Promise(resolve =>
    request(
      { host: server.address.hostname, port: server.address.port, headers: { host: 'evil.example' } },
      response => {
        response.resume();
        resolve(response.statusCode);
      },
    ).end(),
  );
  assert.equal(named, 421);
  const rude = new Talk(server.address);
  await once(rude.socket, 'open');
  rude.send({ type: 'open', width: 8, height: 8 });
  assert.deepEqual(await rude.end(), { code: 1008, reason: 'hello comes first' });
  // A first message that is not a hello, or too long for one, is the last.
  for (const bytes of [new Uint8Array([1, 2, 3]), new Uint8Array(5000)]) {
    const mute = new Talk(server.address);
    await once(mute.socket, 'open');
    mute.socket.send(bytes);
    assert.deepEqual(await mute.end(), { code: 1008, reason: 'hello comes first' });
  }
  const guarded = await serveEditor(...model, '--token', 'correct horse');
  try {
    assert.match(guarded.printed(), /#token=correct/);
    for (const token of [undefined, 'correct hors', 'correct horse ', '']) {
      const talk = new Talk(guarded.address);
      await once(talk.socket, 'open');
      talk.send({ type: 'hello', protocol: protocolVersion, ...(token !== undefined && { token }) });
      assert.equal((await talk.end()).reason, 'wrong token');
    }
    (await greeted(guarded.address, 'correct horse')).socket.close();
    guarded.child.kill('SIGINT');
    assert.equal((await guarded.ended).code, 0);
  } finally {
    guarded.child.kill();
  }
});

test('behind a proxy it is reached by the name it was told, and needs a token; a public screen takes no photos', async () => {
  const host = 'edit.example.org';
  const other = await serveEditorHere(...model, '--public-host', host, '--token', 'correct horse', '--read-only');
  try {
    const asking = (name: string) =>
      new Promise<number>(resolve => {
        const { hostname, port } = other.address;
        request({ hostname, port, headers: { host: name } }, ({ statusCode }) => resolve(statusCode!)).end();
      });
    assert.deepEqual([await asking(host), await asking('evil.example.org')], [200, 421]);
    const talk = new Talk(other.address, { origin: `https://${host}`, headers: { host } });
    await once(talk.socket, 'open');
    talk.send({ type: 'hello', protocol: protocolVersion, token: 'correct horse' });
    assert.equal((await talk.next('ready')).header.readOnly, true);
    talk.send({ type: 'open', width: 8, height: 4 });
    talk.send({ type: 'look', instance: null, width: 8, height: 4 }, new Uint8Array(96));
    assert.match((await talk.next('failed')).header.message, /takes no files/);
    talk.socket.close();
  } finally {
    await other.close();
  }
});

test('whatever is sent, the server goes on, and a page beside it is served', async () => {
  const healthy = await greeted();
  await drawn(healthy);
  const good = encodeFrame({ type: 'change', x: 0, y: 0, width: 8, height: 4 }, new Uint8Array(12));
  const bad: (Uint8Array | string)[] = [
    new Uint8Array(),
    new Uint8Array(3),
    Uint8Array.from([255, 255, 255, 255, 1, 2]),
    good.subarray(0, 20),
    encodeFrame({ type: 'change', x: 60, y: 30, width: 16384, height: 16384 }, new Uint8Array(24)),
    encodeFrame(
      { type: 'change', x: 0, y: 0, width: 4, height: 2 },
      new Uint8Array(Int32Array.from([8, 200, 1]).buffer),
    ),
    encodeFrame({ type: 'change', x: -1, y: 0, width: 4, height: 2 }),
    encodeFrame({ type: 'open', width: 16384, height: 16384 }),
    encodeFrame({ type: 'open', width: '8', height: 8 }),
    encodeFrame({ type: 'render', revision: 1e300, format: 'webp', reduce: 1 }),
    encodeFrame({ type: 'render', revision: 1, format: '../../x', reduce: 1 }),
    encodeFrame({ type: 'gallery', item: 1e9 }),
    encodeFrame({ type: '__proto__' }),
    encodeFrame({
      type: 'clusters',
      revision: 0,
      instance: 1,
      styles: { seed: 0, default: 'mean', instances: [[1, { cluster: 1e9 }]] },
    }),
    encodeFrame({ type: 'look', instance: 1.5, width: 8, height: 8 }, new Uint8Array(192)),
    encodeFrame({ type: 'look', width: 8, height: 8 }, new Uint8Array(192)),
    encodeFrame({ type: 'look', instance: null, width: 16384, height: 16384 }),
    'text',
  ];
  let sent = 0;
  for (let round = 0; round < 20; round++) {
    const talks = await Promise.all(Array.from({ length: 8 }, () => greeted()));
    for (const talk of talks)
      for (let i = 0; i < 15 && talk.closed === undefined; i++, sent++)
        talk.socket.send(bad[(round + i * 7 + sent) % bad.length]!);
    await Promise.all(talks.map(talk => talk.socket.close()));
    const before = healthy.received.length;
    healthy.send({ type: 'render', revision: round, format: 'webp', reduce: 1, styles: mutable });
    assert.equal((await healthy.next('image', before)).header.revision, round);
  }
  assert.ok(sent > 1000, String(sent));
  assert.equal(server.child.exitCode, null);
  healthy.socket.close();
});

const emojiModel = fileURLToPath(import.meta.resolve('@pix2pixhd/emoji-model/model.safetensors'));
const packed = !existsSync(emojiModel) && 'the offline package comes without the emoji model';

test('without a run, the emoji that come with the program: names, styles and drawings, and a heart is red', {
  skip: packed,
}, async () => {
  const emoji = await serveEditorHere('--device', 'cpu', '--threads', '1');
  try {
    const talk = await greeted(emoji.address);
    const { model: served, gallery } = (await talk.next('ready')).header;
    assert.equal(served.name, 'Emoji');
    assert.deepEqual([served.width, served.height, served.classes.length], [256, 256, 33]);
    assert.equal(served.classes[0]!.name, 'background');
    assert.ok(served.styles?.fromImages && served.styles.clusters.length >= 32);
    assert.ok(gallery.length > 40);
    talk.send({ type: 'gallery', item: gallery.findIndex(({ name }) => name === 'Heart') });
    const { header, bytes } = await talk.next('canvas');
    const { width, height } = header;
    talk.send({ type: 'open', width, height });
    talk.send({ type: 'change', x: 0, y: 0, width, height }, bytes);
    const usual = { seed: 0, default: { cluster: 0 }, instances: [] };
    talk.send({ type: 'render', revision: 1, format: 'png', reduce: 1, styles: usual });
    const image = await sharp((await talk.next('image')).bytes)
      .raw()
      .toBuffer();
    const at = 3 * (128 * width + 128);
    const [red, green, blue] = image.subarray(at, at + 3);
    assert.ok(red! > 150 && red! > green! + 60 && red! > blue! + 60, `${red} ${green} ${blue}`);
    assert.ok(image.subarray(0, 3).every(value => value > 235));
    talk.socket.close();
  } finally {
    await emoji.close();
  }
});

test('what cannot be served is said before anything listens', async () => {
  await refuse(
    ['edit', ...model, '--port', server.address.port, '--dataroot', at('data/city')],
    1,
    /EADDRINUSE/,
    /--port 0/,
  );
  await refuse(['edit', ...model, '--dataroot', at('absent')], 1, /absent/);
});
