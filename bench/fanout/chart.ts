interface Bar {
  readonly name: string;
  readonly value: number;
}

const [WIDTH, LABELS, ROW, TOP] = [720, 190, 36, 44];
/** Room for a figure beside the longest bar. */
const FIGURE = 90;

/** Horizontal bars as an SVG that reads well on light and on dark pages. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const longest = Math.max(1, ...bars.map(({ value }) => value));
  const height = TOP + ROW * bars.length + 8;
  const rows = bars.map(({ name, value }, index) => {
    const [y, width] = [TOP + ROW * index, ((WIDTH - LABELS - FIGURE) * value) / longest];
    const middle = y + ROW / 2;
    return (
      `  <text x="${LABELS - 10}" y="${middle}" text-anchor="end">${escape(name)}</text>\n` +
      `  <rect x="${LABELS}" y="${y + 7}" width="${Math.max(1, width).toFixed(1)}" height="${ROW - 14}" rx="2"/>\n` +
      `  <text x="${(LABELS + width + 8).toFixed(1)}" y="${middle}">${value.toLocaleString('en')}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">
  <style>
    text { font: 14px system-ui, sans-serif; dominant-baseline: central; fill: #1f2328 }
    .title { font-weight: 600 }
    rect { fill: #3b6fd4 }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } rect { fill: #6f9bf0 } }
  </style>
  <text class="title" x="10" y="22">${escape(title)}</text>
${rows.join('\n')}
</svg>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
