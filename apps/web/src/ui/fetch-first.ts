/**
 * Fetches all files of a part of the app, and only then imports it. A browser remembers for as long as the page is open
 * that a module, or one it needs, could not be fetched (https://html.spec.whatwg.org/#fetch-a-single-module-script;
 * Chromium since 150), and imports it no more; a `fetch` can always be made again, and the import then finds the files
 * in the browser's cache. In a build it stands in for Vite's own preloading, which leaves such memories too.
 *
 * @param files their addresses from the root, without the leading slash, as Vite lists them.
 * @throws {TypeError} when one of them does not come.
 */
export async function fetchFirst<Part>(
  importPart: () => Promise<Part>,
  files: readonly string[] = [],
): Promise<Part> {
  await Promise.all(files.map((file) => fetchWhole(`/${file}`)));
  return importPart();
}

async function fetchWhole(address: string): Promise<void> {
  const response = await fetch(address);
  if (!response.ok)
    throw new TypeError(`${address} could not be fetched: the server answered ${response.status}`);
  await response.arrayBuffer();
}
