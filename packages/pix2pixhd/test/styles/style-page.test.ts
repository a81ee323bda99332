/** The page of styles: complete in itself, safe with any name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { renderStylePage } from '../../src/styles/page/style-page.js';

const hostile = `</script><script>alert("1")</script>'&`;

test('the page of styles shows every cluster with its number, its count and an instance, and reduces large scenes', async () => {
  const image = (width: number, height: number, channels: number) => ({
    width,
    height,
    channels,
    data: new Uint8Array(width * height * channels).fill(90),
  });
  const html = await renderStylePage({
    name: hostile,
    lead: hostile,
    classes: [
      {
        title: hostile,
        instances: 12_345,
        stem: hostile,
        where: image(800, 400, 3),
        styles: [
          { scene: image(800, 400, 1), count: 12_344, crop: image(30, 20, 3) },
          { scene: image(800, 400, 3), count: 1 },
        ],
      },
    ],
  });
  assert.doesNotMatch(html, /<script|alert\("1"\)/);
  const sizes = [...html.matchAll(/<img width="(\d+)" height="(\d+)"/g)].map(([, w, h]) => `${w}×${h}`);
  assert.deepEqual(sizes, ['384×192', '384×192', '30×20', '384×192']);
  assert.match(html, /12,345 training instances in 2 clusters/);
  assert.match(html, /cluster:0<\/code>.*12,344 instances<.*cluster:1<\/code>.*1 instance</);
  for (const [, base64] of html.matchAll(/src="data:image\/webp;base64,([^"]+)"/g))
    assert.equal((await sharp(Buffer.from(base64!, 'base64')).metadata()).format, 'webp');
});
