/** Where to go after signing in: an address of this app, else the first page. */
export function nextAddress(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/')) return '/';
  // "//host" and "/\host" are other sites to a browser.
  const base = 'https://here.invalid';
  const url = URL.canParse(next, base) ? new URL(next, base) : null;
  return url?.origin === base ? `${url.pathname}${url.search}${url.hash}` : '/';
}

/** The search of `/sign-in` and `/sign-up`. */
export function readNext(search: Record<string, unknown>): { next?: string } {
  const { next } = search;
  return typeof next === 'string' && nextAddress(next) !== '/' ? { next: nextAddress(next) } : {};
}
