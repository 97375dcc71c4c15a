import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { trpc } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { ErrorState } from '../../ui/states.tsx';
import { choicesFor, defaultChoice, deployRoles, type Choice } from './performer-choices.ts';
import type { Model } from './types.ts';

interface DeployDialogProps {
  teamId: number;
  model: Model;
  opened: boolean;
  onClose(): void;
}

/** Settles who does the tasks of each performer the model names, and deploys it. */
export function DeployDialog({ teamId, model, opened, onClose }: DeployDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Deploy ${model.name}, version ${model.version}`}
      size="lg"
    >
      <DeployForm teamId={teamId} model={model} onClose={onClose} />
    </Modal>
  );
}

function DeployForm({ teamId, model, onClose }: Omit<DeployDialogProps, 'opened'>) {
  const roles = trpc.role.list.useQuery({ teamId });
  const [chosen, setChosen] = useState<ReadonlyMap<string, Choice>>(new Map());
  const utils = trpc.useUtils();
  const deploy = useAct(
    trpc.model.deploy.useMutation({
      onSuccess: onClose,
      onSettled: () => Promise.all([utils.model.invalidate(), utils.role.list.invalidate({ teamId })]),
    }),
    { inline: true, done: `${model.name} is deployed and can be started.` },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void deploy.run({ teamId, id: model.id, roles: deployRoles(model.performers, chosen) });
  };
  if (roles.error && !roles.data) return <ErrorState error={roles.error} retry={() => roles.refetch()} />;
  return (
    <form onSubmit={submit} aria-label="Deploy">
      <Stack>
        <Text size="sm">
          {model.performers.length === 0
            ? 'The model names nobody for its tasks: every member may do them.'
            : 'The model says who does its tasks. Choose the role that each of them is in your team.'}
        </Text>
        {model.performers.map((performer) => (
          <Select
            key={performer.name}
            label={performer.name}
            description={
              performer.elementIds.length === 1 ? '1 task' : `${performer.elementIds.length} tasks`
            }
            data={choicesFor(performer, roles.data ?? [])}
            value={chosen.get(performer.name) ?? defaultChoice(performer)}
            onChange={(choice) => choice !== null && setChosen(new Map(chosen).set(performer.name, choice))}
            allowDeselect={false}
            disabled={roles.isPending}
          />
        ))}
        {deploy.error && (
          <Alert color="red" role="alert" title={deploy.error.title}>
            {deploy.error.text}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={deploy.pending} data-autofocus>
            Deploy
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
