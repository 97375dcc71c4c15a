import { ActionIcon, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconArrowLeft, IconCheck, IconCopy, IconX } from '@tabler/icons-react';

import { useEffect, useRef } from 'react';

import { channelOf, type Entry, jsonOf, type Verdict } from './entry.ts';
import classes from './inspector.module.css';
import { WhoHeard } from './who-heard.tsx';
import { ageSentence, outcomeWords } from './words.ts';

type Kind = Verdict['outcome']['kind'];

const GROUPS: readonly { title: string; kinds: readonly Kind[] }[] = [
  { title: 'Fetched again', kinds: ['waiting', 'fetched', 'failed'] },
  { title: 'Marked stale', kinds: ['marked'] },
  { title: 'Not touched', kinds: ['untouched'] },
];

/** One of what came: what it said, and what became of every query. */
export function EntryDetail({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const back = useRef<HTMLButtonElement>(null);
  // On a phone the list with the focus gives way to this; the button back stands only there.
  useEffect(() => back.current?.focus(), []);
  const label = 'event' in entry.cause ? `Event ${entry.cause.event.seq}` : 'Resync';
  const json = JSON.stringify(jsonOf(entry), null, 2);
  return (
    <section className={classes.detail} aria-label={label}>
      <Group gap="xs" wrap="nowrap">
        <ActionIcon
          ref={back}
          variant="subtle"
          color="gray"
          aria-label="Back to the list"
          className={classes.back ?? ''}
          onClick={onClose}
        >
          <IconArrowLeft size={16} aria-hidden />
        </ActionIcon>
        <Text component="h3" size="sm" fw={600} truncate flex={1}>
          {channelOf(entry)}{' '}
          <Text span inherit fw={400} c="dimmed">
            {'event' in entry.cause && `seq ${entry.cause.event.seq}`}
          </Text>
        </Text>
        <CopyButton value={json}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy JSON'}
            </Button>
          )}
        </CopyButton>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Close the event"
          className={classes.closeDetail ?? ''}
          onClick={onClose}
        >
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Group>
      <Stack gap="xs" mt="xs">
        <Text size="xs">{ageSentence(entry)}</Text>
        {'event' in entry.cause && <WhoHeard event={entry.cause.event} />}
        {GROUPS.map(({ title, kinds }) => (
          <Verdicts
            key={title}
            title={title}
            verdicts={entry.verdicts.filter(({ outcome }) => kinds.includes(outcome.kind))}
          />
        ))}
        <Code block className={classes.json ?? ''}>
          {json}
        </Code>
      </Stack>
    </section>
  );
}

function Verdicts({ title, verdicts }: { title: string; verdicts: readonly Verdict[] }) {
  return (
    <div>
      <Text component="h4" size="xs" fw={600}>
        {title}: {verdicts.length}
      </Text>
      {verdicts.length > 0 && (
        <ul className={classes.verdicts} aria-label={title}>
          {verdicts.map((verdict) => (
            <li key={verdict.hash}>
              <Text size="xs" className={classes.query ?? ''}>
                <strong>{verdict.name}</strong> {verdict.input}
              </Text>
              <Text size="xs" c={verdict.outcome.kind === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}>
                {outcomeWords(verdict)}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
