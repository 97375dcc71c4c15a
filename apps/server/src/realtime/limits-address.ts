import { isIPv4, isIPv6 } from 'node:net';

const LONGEST = 64;

/**
 * By what an address is counted. Of IPv6 everybody has 2^64 addresses, so it is their network; an IPv4 address in
 * IPv6's clothes is itself. What a proxy says that is no address is still somebody.
 */
export function networkOf(address: string): string {
  const bare = withoutPort(address);
  if (!isIPv6(bare)) return bare.slice(0, LONGEST);
  const all = groupsOf(bare);
  if (all.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    return all
      .slice(6)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
      .join('.');
  }
  return `${all.slice(0, 4).join(':')}::/64`;
}

/** Some proxies add the port; and a link-local address its interface. */
function withoutPort(address: string): string {
  const [, bracketed = address] = /^\[(.*)\](?::\d+)?$/.exec(address) ?? [];
  const [host = '', ...rest] = bracketed.split(':');
  return rest.length === 1 && isIPv4(host) ? host : bracketed.replace(/%.*$/, '');
}

/** The eight groups; `URL` writes each address in one way only. */
function groupsOf(address: string): string[] {
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after];
}
