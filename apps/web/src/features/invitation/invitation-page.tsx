import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';

import { trpc, type Outputs } from '../../trpc.ts';
import { FrontPage } from '../../ui/front-page.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { DetailSkeleton, ErrorState } from '../../ui/states.tsx';
import { SignInForm } from '../auth/sign-in-form.tsx';
import { SignUpForm } from '../auth/sign-up-form.tsx';
import { useSession, useSessionState } from '../auth/use-session.tsx';
import { forgetSecret, keepSecret, keptSecret } from './secret.ts';
import { invitationWords, useAnswer } from './use-answer.ts';

type Invitation = Outputs['invitation']['look'];

/** `/invitation#secret`: who invites to which team, and the answer. */
export function InvitationPage() {
  usePageTitle('Invitation');
  const navigate = useNavigate();
  const { hash } = useLocation();
  const secret = hash === '' ? keptSecret() : hash;

  useEffect(() => {
    if (hash === '') return;
    keepSecret(hash);
    void navigate({ to: '/invitation', replace: true });
  }, [hash, navigate]);

  if (secret === null) {
    return (
      <FrontPage
        title="No invitation here"
        text="Open the whole link that you were given, or ask for a new one."
      >
        <ButtonLink to="/">Go to ProcessFlow</ButtonLink>
      </FrontPage>
    );
  }
  return <Looked key={secret} secret={secret} />;
}

function Looked({ secret }: { secret: string }) {
  const { mutate, data, error } = trpc.invitation.look.useMutation();
  useEffect(() => mutate({ secret }), [mutate, secret]);

  if (error) {
    return (
      <FrontPage title="Invitation">
        <ErrorState error={error} retry={() => mutate({ secret })} />
      </FrontPage>
    );
  }
  if (!data) {
    return (
      <FrontPage title="Invitation">
        <DetailSkeleton />
      </FrontPage>
    );
  }
  return data.status === 'Pending' && !data.expired ? (
    <Open secret={secret} invitation={data} />
  ) : (
    <Closed invitation={data} />
  );
}

const CLOSED = {
  Pending: 'This invitation has expired. Ask for a new one.',
  Accepted: 'This invitation was accepted already. Each link works once.',
  Declined: 'This invitation was declined. Ask for a new one if that was a mistake.',
  Revoked: 'This invitation was revoked. Ask whoever sent it.',
} as const satisfies Record<Invitation['status'], string>;

function Closed({ invitation }: { invitation: Invitation }) {
  useEffect(forgetSecret, []);
  return (
    <FrontPage title={`Invitation to ${invitation.teamName}`} text={CLOSED[invitation.status]}>
      <ButtonLink to="/">Go to ProcessFlow</ButtonLink>
    </FrontPage>
  );
}

function Open({ secret, invitation }: { secret: string; invitation: Invitation }) {
  const { state, profile } = useSessionState();
  return (
    <FrontPage title={invitationWords(invitation)} text={`Sent to ${invitation.email}.`}>
      {state === 'signed in' ? (
        <Answer secret={secret} name={profile.name} email={profile.email} />
      ) : (
        <Stack>
          <Text size="sm">To accept, sign in or sign up first.</Text>
          <Tabs defaultValue="in" keepMounted={false}>
            <Tabs.List grow mb="md">
              <Tabs.Tab value="in">I have an account</Tabs.Tab>
              <Tabs.Tab value="up">I am new here</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="in">
              <SignInForm email={invitation.email} />
            </Tabs.Panel>
            <Tabs.Panel value="up">
              <SignUpForm email={invitation.email} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
    </FrontPage>
  );
}

function Answer({ secret, name, email }: { secret: string; name: string; email: string }) {
  const answer = useAnswer();
  const navigate = useNavigate();
  const session = useSession();

  const accept = async () => {
    if (await answer.accept({ secret })) forgetSecret();
  };
  const decline = async () => {
    if (!(await answer.decline({ secret }))) return;
    forgetSecret();
    await navigate({ to: '/' });
  };

  return (
    <Stack>
      <Text size="sm">
        You are signed in as {name} ({email}).{' '}
        <Button variant="transparent" size="compact-sm" p={0} onClick={() => void session.signOut()}>
          Not you?
        </Button>
      </Text>
      <Group grow>
        <Button variant="default" disabled={answer.pending} onClick={() => void decline()}>
          Decline
        </Button>
        <Button loading={answer.pending} onClick={() => void accept()}>
          Accept
        </Button>
      </Group>
    </Stack>
  );
}
