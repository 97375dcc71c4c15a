import type { migrateToLatest } from '../../db/migrate.ts';
import type { Scope } from './check-types.ts';

type Migrations = NonNullable<Parameters<typeof migrateToLatest>[1]>;

/** Where a person would look, and what stands there. */
export interface Place {
  readonly file: string;
  /** What the line has that the error stands at. */
  readonly line: string;
  readonly code: `TS${number}`;
  /** What the message must name. */
  readonly says: string;
}

export interface Way {
  readonly way: string;
  /** One more migration; the types are generated from the database after it. */
  readonly migration?: Migrations[string]['up'];
  readonly edits?: readonly (readonly [file: string, find: string, replacement: string])[];
  /** New files, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  readonly scope: Scope;
  readonly places: readonly [Place, ...Place[]];
}
