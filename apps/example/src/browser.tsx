import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { createRoot } from 'react-dom/client';
import { createApp } from './app.tsx';
import type { AppRouter } from './server.ts';

const queries = httpBatchLink({ url: '/trpc' });
// #region live
const stream = httpSubscriptionLink({ url: '/trpc' });
const link = splitLink({ condition: ({ type }) => type === 'subscription', true: stream, false: queries });
// #endregion
const client = createTRPCClient<AppRouter>({ links: [link] });
createRoot(document.querySelector('#app')!).render(createApp(client));
