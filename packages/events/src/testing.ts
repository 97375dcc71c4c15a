/** For tests of applications that use the kit. `pg` is needed by `listenInTest` alone, and loaded by it. */
export { fakeStream } from './testing/fake-stream.ts';
export type { Emitted, FakeStream, FakeStreamOptions } from './testing/fake-stream.ts';
export { listenInTest } from './testing/listen-in-test.ts';
export type { HeardEvent, ListenInTestOptions, Matching, TestListener } from './testing/listen-in-test.ts';
export { tcpProxy } from './testing/tcp-proxy.ts';
export type { TcpProxy } from './testing/tcp-proxy.ts';
