import { Badge, Button, Code, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';

import { trpc, type Outputs } from '../../trpc.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useAct } from '../../ui/mutation.ts';
import { PersonName } from '../../ui/person.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Row, Rows } from '../../ui/rows.tsx';
import { Section } from '../../ui/section.tsx';
import { ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useTicking } from '../../ui/ticker.ts';
import { useHeldList } from '../../ui/use-held-list.ts';
import { useTeam } from '../team/use-team.tsx';
import { TokenDialog } from './token-dialog.tsx';

type Token = Outputs['token']['list'][number];

const keyOf = (token: Token) => token.id;
/** That it was used is no change worth a flash. */
const print = ({ lastUsedAt: _, ...token }: Token) => JSON.stringify(token);
const none: Token[] = [];

/** For owners: nobody else may ask for the list. */
export function TokenList() {
  const team = useTeam();
  const tokens = trpc.token.list.useQuery({ teamId: team.id });
  const list = useHeldList(tokens.data ?? none, { keyOf, print });
  const [creating, setCreating] = useState(false);
  return (
    <Section
      title="API tokens"
      text="With a token a program or a script reads this team, live, as its maker may. It changes nothing."
      action={
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setCreating(true)}
        >
          Create token
        </Button>
      }
    >
      {tokens.data ? (
        list.rows.length > 0 ? (
          <Rows label="API tokens" held={list}>
            {list.rows.map((token) => (
              <TokenRow key={token.id} token={token} flash={list.isFlashing(token.id)} />
            ))}
          </Rows>
        ) : (
          <Text size="sm" c="dimmed">
            No program reads this team. Create a token to follow it in a terminal or a script.
          </Text>
        )
      ) : tokens.error ? (
        <ErrorState error={tokens.error} retry={tokens.refetch} />
      ) : (
        <ListSkeleton rows={2} />
      )}
      <TokenDialog opened={creating} onClose={() => setCreating(false)} />
    </Section>
  );
}

function TokenRow({ token, flash }: { token: Token; flash: boolean }) {
  const { name, hint, createdBy, createdAt, lastUsedAt, expiresAt, resting } = token;
  // No event tells of it: time alone does.
  const isOver = useTicking((now) => expiresAt !== null && Date.parse(expiresAt) <= now);
  return (
    <Row flash={flash}>
      <div style={{ flex: '1 1 240px', minWidth: 0 }}>
        <Text size="sm" fw={500} truncate>
          {name} <Code>…{hint}</Code>
        </Text>
        <Text size="xs" c="dimmed" component="div">
          by <PersonName person={createdBy} />, <RelativeTime at={createdAt} />,{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              last used <RelativeTime at={lastUsedAt} />
            </>
          )}
          {expiresAt !== null && (
            <>
              , {isOver ? 'ended' : 'ends'} <RelativeTime at={expiresAt} />
            </>
          )}
        </Text>
        {resting && (
          <Text size="xs">It opens nothing as long as {createdBy.name} is no owner of this team.</Text>
        )}
      </div>
      {isOver ? (
        <Badge variant="light" color="gray" tt="none" size="sm">
          Expired
        </Badge>
      ) : (
        resting && (
          <Badge variant="light" color="orange" tt="none" size="sm">
            Resting
          </Badge>
        )
      )}
      <RevokeToken token={token} />
    </Row>
  );
}

function RevokeToken({ token: { id, name } }: { token: Token }) {
  const team = useTeam();
  const confirm = useConfirm();
  const revoke = useAct(trpc.token.revoke.useMutation(), { done: `${name} is revoked` });
  const ask = async () => {
    const yes = await confirm({
      title: `Revoke ${name}?`,
      text: 'What uses this token hears and reads nothing more, at once. This cannot be undone.',
      confirm: 'Revoke token',
    });
    if (yes) await revoke.attempt({ teamId: team.id, id });
  };
  return (
    <Button
      variant="subtle"
      color="red"
      size="compact-sm"
      loading={revoke.pending}
      onClick={() => void ask()}
      aria-label={`Revoke ${name}`}
    >
      Revoke
    </Button>
  );
}
