import { existsSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { fileURLToPath } from 'node:url';

import sirv from 'sirv';

import { SettingsError } from './env.ts';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));

/** Scripts and connections only to ourselves; Mantine and bpmn-js set style attributes, diagrams use data: images. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The built web app; every path that is no file is the app itself. */
export function serveBuiltWeb(dist = `${WEB}dist`): RequestListener {
  if (!existsSync(`${dist}/index.html`)) {
    throw new SettingsError(
      'The web app is not built. `npm start` builds it; by hand: `npx -y pnpm --filter @processflow/web build`.',
    );
  }
  const serve = sirv(dist, {
    single: true,
    etag: true,
    setHeaders: (response, pathname) => {
      response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
      const isHashed = pathname.startsWith('/assets/');
      response.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return (request, response) => serve(request, response, () => void response.writeHead(404).end());
}

/** The web app straight from its sources, with hot reload over the server's own port. */
export async function serveWebSources(
  server: Server,
): Promise<{ web: RequestListener; close: () => Promise<void> }> {
  const vite = await import('vite');
  const dev = await vite.createServer({
    root: WEB,
    configFile: `${WEB}vite.config.ts`,
    server: { middlewareMode: true, hmr: { server } },
  });
  return { web: (request, response) => dev.middlewares(request, response), close: () => dev.close() };
}
