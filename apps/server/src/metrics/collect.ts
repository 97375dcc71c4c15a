import type { ChangeListener } from '@processflow/events/postgres';

import type { StreamLimits } from '../realtime/limits.ts';
import type { RealtimeHub } from '../realtime/realtime.ts';
import type { Histogram } from './histogram.ts';
import type { Metric } from './text.ts';

export interface Measured {
  readonly hub: Pick<RealtimeHub, 'metrics' | 'subscriberCount' | 'topicCount'>;
  readonly listener: Pick<ChangeListener, 'metrics' | 'pump' | 'pruner' | 'state'>;
  readonly limits: Pick<StreamLimits, 'refused'>;
  readonly delivery: Histogram;
}

const PUMP_STATES = ['candidate', 'asleep', 'awake', 'settling', 'closed'] as const;

/** What this server process has done since it began, under the names of `/metrics`. */
export function collectMetrics({ hub, listener, limits, delivery }: Measured): Metric[] {
  const { metrics: log, pump, pruner } = listener;
  const { resumed, resumedFromRing, resumedInVain } = hub.metrics;
  return [
    gauge('streams', 'Streams that are open.', hub.subscriberCount),
    gauge('topics', 'Topics that somebody hears.', hub.topicCount),
    counter('deliveries_total', 'Frames given to streams.', hub.metrics.deliveries),
    counter('batches_total', 'Batches of the change log taken in.', hub.metrics.batches),
    counter('events_total', 'Events in the batches.', hub.metrics.events),
    counter('resyncs_total', 'Times that a stream was told to start over.', hub.metrics.resyncs),
    counter('resumes_total', 'Streams that came back and heard what they had missed.', resumed),
    counter('resumes_lost_total', 'Streams that came back and had to start over.', resumedInVain),
    counter(
      'resumes_read_from_ring_total',
      'Streams that came back without a read of the log.',
      resumedFromRing,
    ),
    counter(
      'resumes_read_from_log_total',
      'Streams that came back by a read of the log.',
      log.resumesFromLog,
    ),
    gauge('listening', 'Whether the database is heard: 1 or 0.', listener.state === 'listening' ? 1 : 0),
    counter('log_reads_total', 'Statements that read the change log.', log.logReads),
    counter(
      'log_marks_total',
      "Batches taken from the pump's notifications, without a read.",
      log.marksTaken,
    ),
    counter(
      'log_safety_found_total',
      'Events that no notification told of, found by the safety read alone.',
      log.safetyFound,
    ),
    counter('log_gaps_total', 'Times that everybody had to start over.', log.gaps),
    counter('log_pruned_total', 'Events removed from the change log by this process.', pruner.deleted),
    ...(pump === undefined ? [] : pumpMetrics(pump)),
    labelled(
      'stream_refusals_total',
      'counter',
      'Streams that were refused, by limit.',
      'limit',
      limits.refused,
    ),
    delivery.metric(
      'processflow_delivery_seconds',
      "From an event's trigger, which the commit follows, until a stream took it to be written.",
    ),
  ];
}

function pumpMetrics(pump: NonNullable<ChangeListener['pump']>): Metric[] {
  const { waitingFor } = pump;
  return [
    labelled(
      'pump_state',
      'gauge',
      'What this process is as the pump: 1 for the state it is in.',
      'state',
      Object.fromEntries(PUMP_STATES.map((state) => [state, pump.state === state ? 1 : 0])),
    ),
    counter('pump_wakes_total', 'Times that it began to mask the writers.', pump.wakes),
    counter('pump_reads_total', 'Reads of the change log by the pump.', pump.reads),
    counter('pump_emitted_total', 'Events that it notified.', pump.emitted),
    counter('pump_safety_found_total', 'Of these, events found by the safety read alone.', pump.safetyFound),
    {
      name: 'processflow_pump_waiting_for_pid',
      help: 'The backend of the oldest transaction that the pump waits for; 0: a prepared one. None: it does not wait.',
      type: 'gauge',
      samples: waitingFor === undefined ? [] : [{ value: waitingFor }],
    },
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name: `processflow_${name}`, help, type: 'gauge', samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Metric {
  return { name: `processflow_${name}`, help, type: 'counter', samples: [{ value }] };
}

function labelled(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  label: string,
  values: Readonly<Record<string, number>>,
): Metric {
  const samples = Object.entries(values).map(([of, value]) => ({ labels: { [label]: of }, value }));
  return { name: `processflow_${name}`, help, type, samples };
}
