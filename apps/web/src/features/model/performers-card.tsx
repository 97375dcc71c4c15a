import { Paper, Table, Text, Title } from '@mantine/core';

import { trpc } from '../../trpc.ts';
import { RoleTag } from '../../ui/role-tag.tsx';
import type { Model, Performer, Role } from './types.ts';

/** Whom the model names, and who that is in the team. */
export function PerformersCard({ teamId, model }: { teamId: number; model: Model }) {
  const roles = trpc.role.list.useQuery({ teamId });
  if (model.problems.length > 0) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label="Who does it">
      <Title order={3} mb="xs">
        Who does it
      </Title>
      {model.performers.length === 0 ? (
        <Text size="sm" c="dimmed">
          The model names nobody: every member may do its tasks.
        </Text>
      ) : (
        <Table
          aria-label="Who does it"
          withRowBorders={false}
          verticalSpacing={4}
          horizontalSpacing={0}
          maw={560}
        >
          <Table.Tbody>
            {model.performers.map((performer) => (
              <Table.Tr key={performer.name}>
                <Table.Th scope="row" fw={400} w="50%" pe="md">
                  {performer.name}
                </Table.Th>
                <Table.Td>
                  <Assigned
                    performer={performer}
                    roles={roles.data ?? []}
                    deployed={model.status === 'Deployed'}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}

interface AssignedProps {
  performer: Performer;
  roles: readonly Role[];
  deployed: boolean;
}

function Assigned({ performer, roles, deployed }: AssignedProps) {
  const role = roles.find((each) => each.id === performer.roleId) ?? null;
  if (role !== null || (deployed && performer.everyone)) return <RoleTag role={role} />;
  return (
    <Text size="sm" c="dimmed">
      {performer.roleId === null ? 'no role of that name yet' : ''}
    </Text>
  );
}
