import type { Outputs } from '../../trpc.ts';

export type ModelSummary = Outputs['model']['list'][number];
export type Model = Outputs['model']['get'];
export type Performer = Model['performers'][number];
export type Role = Outputs['role']['list'][number];
