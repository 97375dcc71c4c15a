import { useNavigate, useSearch } from '@tanstack/react-router';

/** A list's filter, kept in the address so that a filtered list can be shared and reloaded. */
export function useFilter<const Filter extends string>(
  filters: readonly Filter[],
  fallback: Filter,
): [Filter, (filter: Filter) => void] {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const filter = filters.find((each) => each === search['filter']) ?? fallback;
  const choose = (next: Filter) =>
    void navigate({
      to: '.',
      search: (before: object) => ({ ...before, filter: next === fallback ? undefined : next }),
      replace: true,
    });
  return [filter, choose];
}
