/** The pages: self-contained, safe with any name, true to the losses, refreshing only while training. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Script } from 'node:vm';
import sharp from 'sharp';
import { drawPanel } from '../../src/report/chart.js';
import { curveGroups, evenly } from '../../src/report/curves.js';
import { escapeHtml, scriptJson } from '../../src/report/html.js';
import { LossHistory, type LossPoint, maxBuckets } from '../../src/report/loss-history.js';
import { type RunPage, renderRunPage } from '../../src/report/run-page.js';
import { runScript } from '../../src/report/run-script.js';

const hostile = `</script><script>alert("1")</script>'&`;
let png: Buffer;
let run: RunPage;

const losses = (steps: number): LossPoint[] =>
  Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    epoch: 1,
    seconds: 0.5,
    G_GAN: 1,
    G_GAN_Feat: 10 - (8 * i) / steps,
    D_real: i % 2,
    D_fake: i === 2 ? null : 0.25,
    G_VGG: 0,
    KL: 3,
  }));

const historyOf = (points: readonly LossPoint[]): LossHistory => {
  const history = new LossHistory();
  for (const point of points) history.add(point);
  return history;
};

before(async () => {
  png = await sharp({ create: { width: 30, height: 20, channels: 3, background: '#abc' } })
    .png()
    .toBuffer();
  const samples = Array.from({ length: 12 }, (_, i) => ({ step: 450 * i, png }));
  run = {
    name: 'city',
    status: 'training',
    words: 'training',
    health: 'health: good',
    history: historyOf(losses(5000)),
    samples,
    config: { ngf: 64 },
    refreshSeconds: 10,
  };
});

test('losses are grouped into panels; unknown ones have their own panel, and zero ones none', () => {
  const groups = curveGroups(historyOf(losses(100))).map(({ title, curves }) => [
    title,
    curves.map(({ name }) => name),
  ]);
  assert.deepEqual(groups, [
    ['Generator: adversarial', ['G_GAN']],
    ['Generator: likeness', ['G_GAN_Feat']],
    ['Discriminator', ['D_real', 'D_fake']],
    ['KL', ['KL']],
  ]);
  assert.deepEqual(curveGroups(new LossHistory()), []);
});

test('curves keep the ends, the mean and constants; a loss that was not finite is left out', () => {
  const all = losses(5000);
  const curves = new Map(curveGroups(historyOf(all)).flatMap(group => group.curves.map(curve => [curve.name, curve])));
  for (const { raw, smooth, spread } of curves.values()) {
    assert.ok(raw.length <= maxBuckets && raw.length > maxBuckets / 2, `${raw.length} points`);
    assert.deepEqual([smooth.length, spread.length], [raw.length, raw.length]);
    // A bucket is drawn at its middle: 16 steps each.
    assert.ok(smooth[0]![0] <= 8.5 && smooth.at(-1)![0] >= 4991, `${smooth[0]} … ${smooth.at(-1)}`);
  }
  for (const [, loss] of curves.get('KL')!.smooth) assert.ok(Math.abs(loss - 3) < 1e-9);
  for (const [, loss] of curves.get('D_fake')!.raw) assert.equal(loss, 0.25);
  // The local mean does not lag: away from the ends, that of a straight line is the line itself.
  for (const [step, loss] of curves.get('G_GAN_Feat')!.smooth.slice(100, 220)) {
    assert.ok(Math.abs(loss - (10 - (8 * (step - 1)) / 5000)) < 0.01, `${step}: ${loss}`);
  }
  for (const [, loss] of curves.get('D_real')!.smooth.slice(1, -1)) assert.ok(Math.abs(loss - 0.5) < 0.02);
  for (const [, mean] of curves.get('D_real')!.raw) assert.equal(mean, 0.5);
  for (const [, min, max] of curves.get('D_real')!.spread) assert.deepEqual([min, max], [0, 1]);
});

test('a short run keeps every step; its local mean is the exponential mean over both sides', () => {
  const values = Array.from({ length: 300 }, (_, i) => Math.sin(i * i));
  const [curve] = curveGroups(historyOf(values.map((G_GAN, i) => ({ step: i + 1, G_GAN }))))[0]!.curves;
  assert.deepEqual(
    curve!.raw,
    values.map((value, i) => [i + 1, value]),
  );
  assert.deepEqual(curve!.spread, []);
  // By the formula: weights (1 - 1/6)^distance, the point itself counted from both sides.
  const at = 100;
  let sum = 0;
  let weight = 0;
  for (const [i, value] of values.entries()) {
    const w = (5 / 6) ** Math.abs(i - at) * (i === at ? 2 : 1);
    sum += w * value;
    weight += w;
  }
  assert.ok(Math.abs(curve!.smooth[at]![1] - sum / weight) < 1e-9);
});

test('buckets summarise their steps: count, mean, minimum and maximum of each, for any length', () => {
  for (const steps of [1, 499, 500, 501, 1000, 1001, 4321]) {
    const history = new LossHistory();
    const values = Array.from({ length: steps }, (_, i) => (i % 10 === 7 ? null : Math.cos(i)));
    for (const [i, loss] of values.entries()) history.add({ step: 3 * i + 5, seconds: 0.25, loss });
    const points = history.series('loss');
    assert.ok(points.length <= maxBuckets);
    const width = 2 ** Math.max(0, Math.ceil(Math.log2(steps / maxBuckets)));
    const parts = Array.from({ length: Math.ceil(steps / width) }, (_, k) =>
      values.slice(k * width, (k + 1) * width).flatMap(value => value ?? []),
    ).filter(own => own.length > 0);
    assert.equal(points.length, parts.length);
    for (const [k, point] of points.entries()) {
      const own = parts[k]!;
      assert.equal(point.count, own.length);
      assert.ok(Math.abs(point.mean - own.reduce((a, b) => a + b, 0) / own.length) < 1e-12);
      assert.deepEqual([point.min, point.max], [Math.min(...own), Math.max(...own)]);
    }
    assert.deepEqual(history.range, [5, 3 * (steps - 1) + 5]);
    assert.equal(history.seconds, steps / 4);
  }
});

test('the page of a long run is no larger than that of a short one, and takes no longer to render', () => {
  const history = new LossHistory();
  const sizes = [2000, 64_000].map(steps => {
    for (let step = (history.last?.step ?? 0) + 1; step <= steps; step++) {
      const noise = Math.abs(Math.sin(step * step));
      const pair = { G_GAN: noise, G_GAN_Feat: 9 * noise, G_VGG: 5 * noise, G_L1: noise, D_real: noise };
      history.add({ step, epoch: 1, seconds: 0.1, ...pair, D_fake: 1 - noise });
    }
    return Buffer.byteLength(renderRunPage({ ...run, history, samples: [] }));
  });
  assert.ok(sizes[1]! < 1.1 * sizes[0]!, sizes.join(' and '));
  assert.ok(sizes[1]! < 250_000, sizes.join(' and '));
});

test('a panel draws losses where its axes say', () => {
  const line = [0, 50, 100].map(step => [step, step / 10] as const);
  const { html, data } = drawPanel(
    { title: 't', curves: [{ name: 'a', raw: line, smooth: line, spread: [] }] },
    [0, 100],
  );
  const [first, middle, last] = [...html.match(/class="smooth"[^>]* d="M([^"]*)"/)![1]!.split('L')].map(pair =>
    pair.split(' ').map(Number),
  );
  assert.deepEqual([first![0], last![0]], [data.plot.left, data.plot.right]);
  assert.ok(Math.abs(middle![1]! - (first![1]! + last![1]!) / 2) < 0.2);
  // A tick's grid line is at the height of the same loss.
  const ten = html.match(/y1="([\d.]+)" y2="[\d.]+"\/><text[^>]*>10</)!;
  assert.equal(Number(ten[1]), last![1]);
});

test('a rare spike does not flatten the rest of a curve', () => {
  const spiked = losses(3000).map((point, i) => ({ ...point, G_GAN: i % 1000 === 500 ? 500 : 1 + (i % 7) / 10 }));
  const group = curveGroups(historyOf(spiked)).find(({ title }) => title === 'Generator: adversarial')!;
  const heights = [...drawPanel(group, [1, 3000]).html.matchAll(/text-anchor="end">([\d.]+)</g)].map(match =>
    Number(match[1]),
  );
  assert.ok(Math.max(...heights) < 100, heights.join(' '));
});

test('labels of the step axis are within the panel and do not touch each other', () => {
  for (const last of [7, 99, 1500, 19_824, 200_000, 1_000_000, 12_345_678]) {
    const line = [1, last].map(step => [step, 0.5] as const);
    const { html } = drawPanel({ title: 't', curves: [{ name: 'a', raw: line, smooth: line, spread: [] }] }, [1, last]);
    const labels = [...html.matchAll(/<text x="([\d.]+)" y="206" text-anchor="middle">([^<]+)</g)].map(
      ([, x, text]) => ({ text: text!, left: Number(x) - 3.1 * text!.length, right: Number(x) + 3.1 * text!.length }),
    );
    assert.ok(labels.length >= 2, `${labels.length} labels up to ${last}`);
    for (const [i, { text, left, right }] of labels.entries())
      assert.ok(right <= 400 && left > (labels[i - 1]?.right ?? 0), `${text} up to ${last}`);
  }
});

test('the page of a run is self-contained: nothing is loaded, images are embedded', () => {
  const html = renderRunPage(run);
  const sources = [...html.matchAll(/\b(?:src|href)="([^"]{0,30})/g)].map(match => match[1]!);
  assert.equal(sources.length, 12);
  for (const source of sources) assert.ok(source.startsWith('data:image/png;base64,'), source);
  assert.doesNotMatch(html, /https?:\/\/|@import|<link/);
  assert.match(html, /img-src data:;/);
  assert.match(html, /<img width="30" height="20"/);
  assert.match(html, /data-label="step 0" hidden/);
  assert.match(html, /data-label="step 4,950">/);
  assert.match(html, /<dd>5,000<\/dd>.*<dd>41 min 40 s<\/dd>/);
});

test('sheets beside the page are linked: only the header of each file is needed, and nothing else may be loaded', () => {
  const header = png.subarray(0, 24);
  const html = renderRunPage({
    ...run,
    samples: [1, 2].map(step => ({ step, png: header, href: `samples/step-${step}.png` })),
  });
  assert.deepEqual(html.match(/<img [^>]*>/g), [
    '<img width="30" height="20" alt="samples at step 1" loading="lazy" src="samples/step-1.png">',
    '<img width="30" height="20" alt="samples at step 2" loading="lazy" src="samples/step-2.png">',
  ]);
  assert.match(html, /default-src 'none'; img-src data: 'self' file:;/);
});

test('the page refreshes while training and not afterwards', () => {
  const refreshing = (status: RunPage['status']) => {
    const html = renderRunPage({ ...run, status });
    const data = JSON.parse(html.match(/id="data">(.*?)<\/script>/)![1]!) as { refreshSeconds: number };
    return [data.refreshSeconds, html.includes('http-equiv="refresh"')];
  };
  assert.deepEqual(refreshing('training'), [10, true]);
  for (const status of ['finished', 'stopped', 'failed'] as const) assert.deepEqual(refreshing(status), [0, false]);
});

test('a run without steps and samples has a page too, and so does one with a single step', () => {
  assert.match(
    renderRunPage({ ...run, history: new LossHistory(), samples: [] }),
    /No step has been finished yet.*\n.*\n.*No sample/,
  );
  assert.doesNotMatch(renderRunPage({ ...run, history: historyOf(losses(1)) }), /NaN|Infinity/);
});

test('names, configuration and losses cannot become markup or script', () => {
  const html = renderRunPage({
    ...run,
    name: hostile,
    words: hostile,
    config: { [hostile]: hostile, nested: { a: [hostile] } },
    history: historyOf([{ step: 1, [hostile]: 1 }]),
    samples: [],
  });
  assert.ok(!html.includes('<script>alert') && !html.includes('alert("1")'), 'unescaped text');
  // Only the page's data and its own script.
  assert.equal(html.match(/<script/g)!.length, 2);
});

test('the script of the page is JavaScript', () => {
  assert.doesNotThrow(() => new Script(runScript));
});

test('small things: escaping, JSON in a script, even spacing, files that are not a PNG', () => {
  assert.equal(escapeHtml(`<a b="c">&'`), '&lt;a b=&quot;c&quot;&gt;&amp;&#39;');
  assert.deepEqual(JSON.parse(scriptJson([hostile, '\u2028'])), [hostile, '\u2028']);
  assert.doesNotMatch(scriptJson(hostile), /[<>&]/);
  assert.deepEqual(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [0, 4, 8]);
  assert.throws(
    () => renderRunPage({ ...run, samples: [{ step: 1, png: new Uint8Array(40) }] }),
    /step 1: not a PNG file/,
  );
});
