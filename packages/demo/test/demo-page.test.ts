/** The demo's page: all text is escaped, and the better figure of each column is marked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { renderDemoPage } from '../src/demo-page.js';

const hostile = `</script><script>alert("1")</script>'&`;

test('names and texts are escaped, and the better of each column is marked', async () => {
  const png = await sharp({ create: { width: 30, height: 20, channels: 3, background: '#abc' } })
    .png()
    .toBuffer();
  const html = renderDemoPage({
    title: hostile,
    lead: hostile,
    facts: [[hostile, hostile]],
    means: { generated: { psnr: 20, ssim: 0.8, l1: 0.1 }, input: { psnr: 19, ssim: 0.9, l1: 0.2 } },
    pairs: 1,
    results: [{ label: hostile, input: png, generated: png, real: png, figures: { psnr: 20, ssim: 0.8, l1: 0.1 } }],
    next: [{ what: hostile, command: hostile }],
  });
  assert.doesNotMatch(html, /<script|alert\("1"\)/);
  // PSNR and L1 of the generated images, SSIM of the input.
  assert.deepEqual(
    [...html.matchAll(/class="best">([^<]+)</g)].map(match => match[1]),
    ['20.00 dB', '0.1000', '0.9000'],
  );
});
