/** How a page is bundled into dist/page of its package: one script, one style sheet, fonts; nothing is inlined, as its content security policy wants. */
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
