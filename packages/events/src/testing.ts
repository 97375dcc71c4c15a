export { tcpProxy } from './testing-helpers/tcp-proxy.ts';
