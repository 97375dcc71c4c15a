import { Button, CopyButton, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

import { invitationLink } from './secret.ts';

export interface IssuedLink {
  readonly email: string;
  readonly secret: string;
}

/** Shows a link the one time it can be shown: the server keeps only its hash. */
export function LinkDialog({ issued, onClose }: { issued: IssuedLink | null; onClose: () => void }) {
  return (
    <Modal opened={issued !== null} onClose={onClose} title="Invitation link" centered>
      {issued && <Link email={issued.email} link={invitationLink(issued.secret)} onClose={onClose} />}
    </Modal>
  );
}

function Link({ email, link, onClose }: { email: string; link: string; onClose: () => void }) {
  return (
    <Stack>
      <Text size="sm">
        {email} sees the invitation when signed in, if the address is verified. For everyone else: hand over
        this link. It lets one person in, within seven days, and is <strong>shown only now</strong>.
      </Text>
      <TextInput
        aria-label="Link to hand over"
        value={link}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
        data-autofocus
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy link'}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}
