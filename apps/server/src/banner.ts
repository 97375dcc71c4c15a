import { demoSignIns } from './demo.ts';

export interface Running {
  readonly address: string;
  readonly connectionString: string;
  /** Whether the database is our own, whose password was made here and is nowhere else to be found. */
  readonly isEmbedded: boolean;
  readonly withDemo: boolean;
}

/** What a person needs to know once the app runs. */
export function banner({ address, connectionString, isEmbedded, withDemo }: Running): string {
  const lines = ['', `ProcessFlow is running at ${address}`, ''];
  if (withDemo) {
    lines.push(`Demo sign-ins, password ${demoSignIns.password}:`);
    for (const { email, who } of demoSignIns.people) lines.push(`  ${email.padEnd(18)} ${who}`);
    lines.push('');
  }
  lines.push(`Database: ${isEmbedded ? connectionString : withoutPassword(connectionString)}`, '');
  return lines.join('\n');
}

/** Where a browser on this machine reaches a server that listens on this host. */
export function localAddress(host: string, port: number): string {
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host);
  const name = isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** A connection string may carry its password before the host or as a parameter. */
export function withoutPassword(connectionString: string): string {
  const url = new URL(connectionString);
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return url.href;
}
