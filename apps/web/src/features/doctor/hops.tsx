import { Code, Group, Loader, Paper, Stack, Text, ThemeIcon, VisuallyHidden } from '@mantine/core';
import { firstFailing, type Hop, HOPS, type HopResult } from '@processflow/cli/browser-steps';
import { IconAlertTriangle, IconCheck, IconMinus, IconX, type Icon } from '@tabler/icons-react';

import type { Walk } from './walk.ts';

/** From the server on; what lies before it cannot be tried from a browser. */
const WALKED = HOPS.slice(HOPS.indexOf('server'));

const NAMES: Readonly<Record<Hop, string>> = {
  trigger: 'Trigger',
  notification: 'Notification',
  server: 'Server',
  listener: 'Server’s listener',
  'proxy buffering': 'Way through proxies',
  'HTTP version': 'HTTP version',
  stream: 'Stream',
  invalidation: 'Refreshing what is shown',
};

const STATES: Readonly<Record<HopResult['state'], { icon: Icon; color: string; word: string }>> = {
  ok: { icon: IconCheck, color: 'teal', word: 'fine' },
  warn: { icon: IconAlertTriangle, color: 'yellow', word: 'could be better' },
  fail: { icon: IconX, color: 'red', word: 'fails' },
  skip: { icon: IconMinus, color: 'gray', word: 'not looked at' },
};

export function Hops({ walk: { results, running } }: { walk: Walk }) {
  const current = running ? WALKED[results.length] : undefined;
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }}>
      <Text role="status" fw={600} mb="md">
        {summary(results, running)}
      </Text>
      <Stack component="ol" gap="md" aria-label="Steps" m={0} p={0} style={{ listStyle: 'none' }}>
        {WALKED.map((hop) => (
          <HopRow
            key={hop}
            hop={hop}
            result={results.find((result) => result.hop === hop)}
            isCurrent={hop === current}
          />
        ))}
      </Stack>
    </Paper>
  );
}

function summary(results: readonly HopResult[], running: boolean): string {
  const failing = firstFailing(results);
  if (failing) return `${NAMES[failing.hop]} fails: begin there.`;
  if (running) return 'Testing …';
  return results.some(({ state }) => state === 'warn')
    ? 'Everything that was tried works; something could be better.'
    : 'Everything that was tried works.';
}

function HopRow({ hop, result, isCurrent }: { hop: Hop; result: HopResult | undefined; isCurrent: boolean }) {
  return (
    <Group component="li" wrap="nowrap" align="flex-start" gap="sm">
      <Sign result={result} isCurrent={isCurrent} />
      <div style={{ minWidth: 0, flex: 1 }}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text fw={500}>{NAMES[hop]}</Text>
          {result?.ms !== undefined && (
            <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {Math.round(result.ms)} ms
            </Text>
          )}
        </Group>
        {result && (
          <Stack gap={6}>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {result.finding}
            </Text>
            {result.advice !== undefined && <Text size="sm">{result.advice}</Text>}
            {result.line !== undefined && (
              <Code block tabIndex={0}>
                {result.line}
              </Code>
            )}
          </Stack>
        )}
      </div>
    </Group>
  );
}

function Sign({ result, isCurrent }: { result: HopResult | undefined; isCurrent: boolean }) {
  if (result) {
    const { icon: StateIcon, color, word } = STATES[result.state];
    return (
      <ThemeIcon size={24} radius="xl" variant="light" color={color}>
        <StateIcon size={14} aria-hidden />
        <VisuallyHidden>{word}</VisuallyHidden>
      </ThemeIcon>
    );
  }
  if (isCurrent) return <Loader size={24} aria-label="Being tested" role="img" />;
  return (
    <ThemeIcon size={24} radius="xl" variant="default">
      <VisuallyHidden>not tested yet</VisuallyHidden>
    </ThemeIcon>
  );
}
