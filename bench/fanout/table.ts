/** Lines of text in columns: the first to the left where it is words, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const isWords = head.map((_, column) => rows.some((row) => /^[a-z]/i.test(row[column] ?? '')));
  return all.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        return isWords[column] === true ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd()
      .replace(/^/, '  '),
  );
}
