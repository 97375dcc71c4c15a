import { Table, Text } from '@mantine/core';
import type { Variables } from '@processflow/engine';

import { valueWords } from './values.ts';

/** Variables as people read them. */
export function VariableTable({ variables }: { variables: Variables }) {
  return (
    <Table aria-label="Values" withRowBorders={false} verticalSpacing={3} horizontalSpacing={0} maw={560}>
      <Table.Tbody>
        {Object.entries(variables).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w="40%" fw={400} c="dimmed" pe="md" style={{ verticalAlign: 'top' }}>
              {name}
            </Table.Th>
            <Table.Td>
              <Text size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
                {valueWords(value)}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
