import { Button, Code, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';

export function IssuedToken({ token, onClose }: { token: string; onClose: () => void }) {
  const { origin } = window.location;
  const command = `PROCESSFLOW_TOKEN=${token} npm run --silent processflow -- tail --url ${origin}`;
  return (
    <Stack>
      <Text size="sm">
        Copy it now: it is <strong>shown only this once</strong>. Whoever has it reads the team as you may.
      </Text>
      <TextInput
        aria-label="API token"
        value={token}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
        data-autofocus
      />
      <Text size="sm" id="token-example">
        For example, in a terminal in ProcessFlow’s folder:
      </Text>
      <Code
        block
        tabIndex={0}
        role="region"
        aria-labelledby="token-example"
        style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
      >
        {command}
      </Code>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
        <Copy value={command} variant="default">
          Copy command
        </Copy>
        <Copy value={token}>Copy token</Copy>
      </Group>
    </Stack>
  );
}

function Copy({
  value,
  variant = 'filled',
  children,
}: {
  value: string;
  variant?: string;
  children: ReactNode;
}) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button
          variant={variant}
          leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          onClick={copy}
        >
          {copied ? 'Copied' : children}
        </Button>
      )}
    </CopyButton>
  );
}
