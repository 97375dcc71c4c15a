import { contract } from '@processflow/db';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// In development our own server runs Vite as a middleware; see apps/server.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // What this build understands of each channel: a page that is older than the server learns of it.
  define: { 'import.meta.env.CONTRACT': JSON.stringify(contract) },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    chunkSizeWarningLimit: 900,
    // A chunk's styles that failed to load are not asked for again with the chunk: they all come at the start.
    cssCodeSplit: false,
  },
});
