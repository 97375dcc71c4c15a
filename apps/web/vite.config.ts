import { join } from 'node:path';

import { contract } from '@processflow/db';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// In development our own server runs Vite as a middleware; see apps/server.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), fetchPartsFirst()],
  // What this build understands of each channel: a page that is older than the server learns of it.
  define: { 'import.meta.env.CONTRACT': JSON.stringify(contract) },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    chunkSizeWarningLimit: 900,
    // A chunk's styles that failed to load are not asked for again with the chunk: they all come at the start.
    cssCodeSplit: false,
    // A part of one file is listed too, so that it also is fetched before it is imported.
    modulePreload: {
      resolveDependencies: (file, files, { hostType }) =>
        hostType === 'html' ? files : [...new Set([file, ...files])],
    },
  },
});

/** Puts `fetchFirst` in the place of what Vite wraps around each `import()` of a build. */
function fetchPartsFirst(): Plugin {
  const fetchFirst = join(import.meta.dirname, 'src', 'ui', 'fetch-first.ts');
  return {
    name: 'fetch-parts-first',
    enforce: 'pre',
    load(id) {
      if (id === '\0vite/preload-helper.js')
        return `export { fetchFirst as __vitePreload } from ${JSON.stringify(fetchFirst)};`;
    },
  };
}
