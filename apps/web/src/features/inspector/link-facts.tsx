import { Text } from '@mantine/core';

import { useLiveStatus } from '../../live.ts';
import { ElapsedTime } from '../../ui/relative-time.tsx';
import { useInspector } from './inspector-provider.tsx';
import classes from './inspector.module.css';
import type { Recording } from './recorder.ts';
import { millis } from './words.ts';

/** How the connection stands. */
export function LinkFacts({ recording }: { recording: Recording }) {
  const { state, reason, since, outdated } = useLiveStatus();
  const { tap } = useInspector();
  const { opened, position, serverAhead } = tap.link;
  const { resyncs, lastResync } = recording;
  return (
    // On a phone it is one line that scrolls, by keyboard too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.link} role="region" aria-label="Connection" tabIndex={0}>
      <dl className={classes.facts}>
        <Fact name="State">
          {state}, for <ElapsedTime since={since} />
        </Fact>
        <Fact name="Why">{reason}</Fact>
        <Fact name="Position">
          <span className={classes.position}>{position ?? 'none yet'}</span>
        </Fact>
        <Fact name="Reconnects">{Math.max(0, opened - 1)}</Fact>
        <Fact name="Resyncs">
          {resyncs}
          {lastResync !== undefined && ` (last: ${lastResync})`}
        </Fact>
        <Fact name="Server’s clock">
          {Math.abs(serverAhead) < 1000
            ? 'as here'
            : `${millis(Math.abs(serverAhead))} ${serverAhead > 0 ? 'ahead' : 'behind'}`}
        </Fact>
        {outdated.length > 0 && <Fact name="Outdated">{outdated.join(', ')}</Fact>}
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <Text component="dt" span size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" span size="xs">
        {children}
      </Text>
    </div>
  );
}
