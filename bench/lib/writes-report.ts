import { atLeast, atMost, type Goal, goalLines } from './goals.ts';
import { type Spread, spread } from './spread.ts';
import type { Delivery, Measured, Round } from './writes-rounds.ts';
import { MANY_ROWS, type Style, STYLES } from './writes-tables.ts';

/** Milliseconds after the last commit within which a subscriber has heard everything. */
const DELIVERED_WITHIN = 1_000;

const NAMES: Record<Style, string> = {
  none: 'no trigger',
  usual: 'row trigger + pg_notify',
  ours: 'ours',
};

/** The medians of the rounds' own ratios, held against the goals. */
export function reportWrites({ updates, manyRows, latency, masked }: Measured) {
  const ratio = {
    toNoTrigger: ratios(updates, 'ours', 'none'),
    toUsual: ratios(updates, 'ours', 'usual'),
    usualToNoTrigger: ratios(updates, 'usual', 'none'),
  };
  const rowsRatio = {
    toNoTrigger: ratios(manyRows, 'ours', 'none'),
    usualToNoTrigger: ratios(manyRows, 'usual', 'none'),
  };
  const latencyRatio = Number((latency.ours.p99 / latency.usual.p99).toFixed(2));
  const delivered = sumUp([...updates, ...manyRows].map((round) => round.delivered.ours));
  const usualDelivered = sumUp([...updates, ...manyRows].map((round) => round.delivered.usual));
  const lost = delivered.missed + delivered.twice + delivered.complaints.length;
  const goals: Goal[] = [
    atLeast('updates/s, to no trigger', 0.65, ratio.toNoTrigger.median),
    atLeast('updates/s, to the usual way', 2, ratio.toUsual.median),
    atMost(`UPDATE of ${MANY_ROWS} rows, time to no trigger's`, 3, rowsRatio.toNoTrigger.median),
    atMost("latency at light load, p99 to the usual way's", 1.5, latencyRatio),
    atMost('last event heard, ms after the last commit', DELIVERED_WITHIN, delivered.lag.max),
    atMost('events missed, heard twice, or complained about', 0, lost),
  ];
  const lines = [
    'Updates a second:',
    ...STYLES.map((style) => `  ${NAMES[style].padEnd(24)} ${show(figures(updates, style, 0))}`),
    `  ours to no trigger       ${show(ratio.toNoTrigger)}`,
    `  ours to the usual way    ${show(ratio.toUsual)}`,
    `  of ours the pump announced ${Math.round(100 * masked)} %`,
    `One UPDATE of ${MANY_ROWS} rows, ms:`,
    ...STYLES.map((style) => `  ${NAMES[style].padEnd(24)} ${show(figures(manyRows, style, 1))}`),
    `  ours to no trigger       ${show(rowsRatio.toNoTrigger)}`,
    'Commit to notification at light load, ms:',
    ...(['usual', 'ours'] as const).map(
      (style) => `  ${NAMES[style].padEnd(24)} p50 ${latency[style].p50}, p99 ${latency[style].p99}`,
    ),
    `Delivered to the subscriber: ${delivered.events} events, ${delivered.missed} missed, ${delivered.twice} twice; ` +
      `the last one ${show(delivered.lag)} ms after its announcement`,
    ...delivered.complaints.map((complaint) => `  ${complaint}`),
    ...(usualDelivered.missed === 0 ? [] : [`The usual way's listener missed ${usualDelivered.missed}`]),
    ...goalLines(goals),
  ];
  return {
    goals,
    lines,
    figures: {
      updates: {
        perSecond: byStyle((style) => figures(updates, style, 0)),
        ratio,
        masked,
      },
      manyRows: {
        rows: MANY_ROWS,
        milliseconds: byStyle((style) => figures(manyRows, style, 1)),
        ratio: rowsRatio,
      },
      latency: { ...latency, p99Ratio: latencyRatio },
      delivered,
    },
  };
}

function figures(rounds: readonly Round[], style: Style, digits: number): Spread {
  return spread(
    rounds.map((round) => round.figures[style]),
    digits,
  );
}

function ratios(rounds: readonly Round[], of: Style, to: Style): Spread {
  return spread(rounds.map((round) => round.figures[of] / round.figures[to]));
}

function byStyle<T>(value: (style: Style) => T): Record<Style, T> {
  return { none: value('none'), usual: value('usual'), ours: value('ours') };
}

function sumUp(deliveries: readonly Delivery[]) {
  const sum = (of: (delivery: Delivery) => number): number =>
    deliveries.reduce((total, delivery) => total + of(delivery), 0);
  return {
    events: sum(({ events }) => events),
    missed: sum(({ missed }) => missed),
    twice: sum(({ twice }) => twice),
    complaints: deliveries.flatMap(({ complaints }) => complaints),
    lag: spread(
      deliveries.map(({ lag }) => lag),
      0,
    ),
  };
}

function show({ min, median, max }: Spread): string {
  return `${median} (${min} to ${max})`;
}
