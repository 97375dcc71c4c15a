import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { createContext, useCallback, useContext, useState, type FormEvent, type ReactNode } from 'react';

export interface Question {
  readonly title: string;
  /** What will happen, and whether it can be undone. */
  readonly text: ReactNode;
  /** The button's words: what is done, "Remove Bo". */
  readonly confirm: string;
  /** The words of the other button. Default: "Cancel". */
  readonly keep?: string;
  /** A word to be typed first, for what cannot be undone. */
  readonly typed?: string;
}

type Confirm = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Confirm | null>(null);

interface Asked {
  readonly question: Question;
  readonly answer: (yes: boolean) => void;
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [open, setOpen] = useState(false);
  const confirm = useCallback<Confirm>(
    (question) =>
      new Promise((resolve) => {
        setAsked({ question, answer: resolve });
        setOpen(true);
      }),
    [],
  );
  const answer = (yes: boolean) => {
    asked?.answer(yes);
    setOpen(false);
  };
  return (
    <ConfirmContext value={confirm}>
      {children}
      <Modal
        opened={open}
        onClose={() => answer(false)}
        onExitTransitionEnd={() => setAsked(null)}
        title={asked?.question.title}
        centered
      >
        {asked && <ConfirmForm question={asked.question} onAnswer={answer} />}
      </Modal>
    </ConfirmContext>
  );
}

function ConfirmForm({ question, onAnswer }: { question: Question; onAnswer: (yes: boolean) => void }) {
  const [typed, setTyped] = useState('');
  const ready = question.typed === undefined || typed.trim() === question.typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onAnswer(true);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm" component="div">
          {question.text}
        </Text>
        {question.typed !== undefined && (
          <TextInput
            label={`Type “${question.typed}” to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onAnswer(false)}>
            {question.keep ?? 'Cancel'}
          </Button>
          <Button type="submit" color="red" disabled={!ready}>
            {question.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Asks before something that cannot be undone: `if (await confirm({ title, text, confirm: 'Remove Bo' })) …`. */
export function useConfirm(): Confirm {
  const confirm = useContext(ConfirmContext);
  if (!confirm) throw new Error('useConfirm needs a <ConfirmProvider> above the component that uses it.');
  return confirm;
}
