/**
 * Bundles `@pix2pixhd/web` for pages without a bundler into dist/page: `index.js`, which a `<script type="module">` imports, and
 * `worker.js` beside it. ONNX Runtime is not in it: it is found by its address. Depends on rolldown and the TypeScript build.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const folder = fileURLToPath(new URL('../packages/web/dist', import.meta.url));
const compiled = file => join(folder, 'src', file);

export async function bundleWeb(out = join(folder, 'page')) {
  const bundle = await rolldown({
    input: { index: compiled('index.js'), worker: compiled('platform/worker.js') },
    platform: 'browser',
    resolve: {
      alias: { '#platform': compiled('platform/browser.js'), '#runtime': compiled('runtime/by-address.js') },
    },
    // A warning would be lost in the set-up's output.
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  rmSync(out, { recursive: true, force: true });
  await bundle.write({ dir: out, format: 'esm', minify: true, chunkFileNames: '[name].js' });
  await bundle.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleWeb();
