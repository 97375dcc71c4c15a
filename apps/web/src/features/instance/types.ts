import type { Outputs } from '../../trpc.ts';

export type InstanceSummary = Outputs['instance']['list']['items'][number];
export type Instance = Outputs['instance']['get'];
export type ElementInstance = Instance['elements'][number];
