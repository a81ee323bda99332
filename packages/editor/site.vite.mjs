/**
 * How the page without a server is bundled into dist/site: the page, its worker with ONNX Runtime for WebAssembly, and the service worker.
 * Addresses are relative, so that it works in any folder of a host.
 */
import { fileURLToPath } from 'node:url';
import page from '../../scripts/page.vite.mjs';

const here = name => fileURLToPath(new URL(name, import.meta.url));

/** The build for WebGPU is 27 MB more, and this page computes by WebAssembly. */
const alias = { 'onnxruntime-web/webgpu': 'onnxruntime-web/wasm' };

export default {
  ...page,
  base: './',
  resolve: { alias },
  worker: { format: 'es' },
  build: {
    ...page.build,
    outDir: 'dist/site',
    rollupOptions: {
      input: { site: here('site.html'), sw: here('src/site/service-worker.ts') },
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
};
