/** What the processes of the benchmark say to each other: every command is answered once, the first word is `ready`. */

export interface ServerConfig {
  /** Milliseconds between pings on each connection. */
  readonly pingEvery: number;
  /** Milliseconds between flushes: what is due is published all at once. */
  readonly flushEvery: number;
  /** How many it must be able to hold. */
  readonly connections: number;
}

export interface ServerReady {
  readonly port: number;
  /** Where to subscribe; `{team}` stands for the team's number. */
  readonly path: string;
}

export type ServerCommand =
  /** Events a second, one team after the other; replaces what was published before. */
  | { readonly do: 'publish'; readonly rate: number; readonly teams: number }
  | { readonly do: 'stop' }
  /** With `collect`, garbage is collected first. */
  | { readonly do: 'stats'; readonly collect?: boolean };

export interface ServerStats {
  /** When this was so, by the machine's clock. */
  readonly at: number;
  /** Events, since the start. */
  readonly published: number;
  /** Seconds, user and system, since the start. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
}

export type GeneratorCommand =
  | {
      readonly do: 'open';
      readonly port: number;
      readonly path: string;
      readonly teams: number;
      /** The numbers of its connections: from the first, without the last. */
      readonly from: number;
      readonly to: number;
      /** Of how many connections one is timed. */
      readonly sampleEvery: number;
    }
  /** With `take`, the latencies since they were taken last come along, and are forgotten. */
  | { readonly do: 'read'; readonly take?: boolean };

export interface GeneratorStats {
  /** When this was so, by the machine's clock. */
  readonly at: number;
  readonly delivered: number;
  readonly bytes: number;
  /** Connections that ended by themselves. */
  readonly lost: number;
  readonly cpu: number;
  /** Milliseconds. */
  readonly latencies: Float64Array;
}

/** Milliseconds on the one monotonic clock that all processes of the machine share. */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Seconds, user and system. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
