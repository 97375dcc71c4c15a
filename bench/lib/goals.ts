export interface Goal {
  readonly name: string;
  readonly goal: string;
  /** Undefined: could not be measured, and is missed. */
  readonly measured: number | undefined;
  readonly met: boolean;
}

export function atLeast(name: string, goal: number, measured: number | undefined): Goal {
  return { name, goal: `at least ${goal}`, measured, met: measured !== undefined && measured >= goal };
}

export function atMost(name: string, goal: number, measured: number | undefined): Goal {
  return { name, goal: `at most ${goal}`, measured, met: measured !== undefined && measured <= goal };
}

export function above(name: string, goal: number, measured: number | undefined): Goal {
  return { name, goal: `above ${goal}`, measured, met: measured !== undefined && measured > goal };
}

export function below(name: string, goal: number, measured: number | undefined): Goal {
  return { name, goal: `below ${goal}`, measured, met: measured !== undefined && measured < goal };
}

export function goalLines(goals: readonly Goal[]): string[] {
  return [
    'Goals:',
    ...goals.map(
      ({ name, goal, measured, met }) =>
        `  ${met ? 'met   ' : 'MISSED'} ${name}: ${goal}, measured ${measured ?? 'nothing'}`,
    ),
  ];
}
