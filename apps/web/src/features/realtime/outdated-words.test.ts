import { expect, test } from 'vitest';

import { outdatedWords } from './outdated-words.ts';

test('says what would not be seen, in people’s words', () => {
  expect(outdatedWords(['role_changes'])).toBe('ProcessFlow was updated. Reload to see changes to roles.');
  expect(outdatedWords(['role_changes', 'flow_element_instance_changes', 'invitation_changes'])).toBe(
    'ProcessFlow was updated. Reload to see changes to roles, tasks, and invitations.',
  );
});

test('says nothing when all is as the page knew it', () => {
  expect(outdatedWords([])).toBeNull();
});
