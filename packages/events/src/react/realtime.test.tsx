// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createInvalidator,
  createLiveStore,
  createRealtime,
  keys,
  nothing,
  type LiveHandlers,
} from './index.ts';

interface RoleEvent {
  readonly channel: 'role_changes';
  readonly team_id: number;
  readonly name: string;
}
interface TaskEvent {
  readonly channel: 'task_changes';
  readonly team_id: number;
  readonly status: string;
}
type AppEvent = RoleEvent | TaskEvent;

const { LiveProvider, useRealtimeSubscription, useLiveStatus } = createRealtime<AppEvent>();

function setUp() {
  const streams: { handlers: LiveHandlers<AppEvent>; closed: boolean }[] = [];
  const store = createLiveStore<AppEvent>({
    source: {
      open(_input, handlers) {
        const stream = { handlers, closed: false };
        streams.push(stream);
        return () => {
          stream.closed = true;
        };
      },
    },
    lingerMs: 20,
  });
  const added = vi.spyOn(store, 'addListener');
  return {
    store,
    streams,
    added,
    wrapper: ({ children }: { children: ReactNode }) => (
      <StrictMode>
        <LiveProvider store={store}>{children}</LiveProvider>
      </StrictMode>
    ),
    send(data: Parameters<LiveHandlers<AppEvent>['onData']>[0]['data']) {
      act(() => streams.at(-1)?.handlers.onData({ id: 'p', data }));
    },
  };
}

const completed: TaskEvent = { channel: 'task_changes', team_id: 1, status: 'Completed' };

function Tasks(props: {
  teamId?: number;
  enabled?: boolean;
  label?: string;
  onHeard: (text: string) => void;
}) {
  const { teamId, enabled, label = '', onHeard } = props;
  useRealtimeSubscription({
    channels: ['task_changes'],
    teamId,
    enabled,
    onEvent: (event) => onHeard(`${label}${event.status}`),
    onResync: ({ reason }) => onHeard(`${label}resync: ${reason}`),
  });
  return null;
}

function Light() {
  const { state, reason } = useLiveStatus();
  return <p>{`${state}: ${reason}`}</p>;
}

function Subscribes() {
  useRealtimeSubscription({ channels: ['role_changes'], onEvent: () => undefined });
  return null;
}

function Reads() {
  useLiveStatus();
  return null;
}

describe('useRealtimeSubscription', () => {
  test('hears each event of its channels and team once, in StrictMode, on one stream', () => {
    const given = setUp();
    const heard: string[] = [];
    render(<Tasks teamId={1} onHeard={(text) => heard.push(text)} />, { wrapper: given.wrapper });
    given.send({ channel: 'position' });
    given.send(completed);
    given.send({ ...completed, team_id: 2 });
    given.send({ channel: 'role_changes', team_id: 1, name: 'Approver' });
    expect(heard).toEqual(['resync: opened', 'Completed']);
    expect(given.streams).toHaveLength(1);
  });

  test('calls the function of the latest render, without attaching anew', () => {
    const given = setUp();
    const heard: string[] = [];
    const onHeard = (text: string) => heard.push(text);
    const { rerender } = render(<Tasks label="first " onHeard={onHeard} />, { wrapper: given.wrapper });
    const attached = given.added.mock.calls.length;
    rerender(<Tasks label="second " onHeard={onHeard} />);
    given.send({ channel: 'position' });
    given.send(completed);
    expect(heard).toEqual(['second resync: opened', 'second Completed']);
    expect(given.added).toHaveBeenCalledTimes(attached);
  });

  test('follows a change of the team', () => {
    const given = setUp();
    const heard: string[] = [];
    const onHeard = (text: string) => heard.push(text);
    const { rerender } = render(<Tasks teamId={1} onHeard={onHeard} />, { wrapper: given.wrapper });
    rerender(<Tasks teamId={2} onHeard={onHeard} />);
    given.send({ channel: 'position' });
    given.send(completed);
    given.send({ ...completed, team_id: 2, status: 'Open' });
    expect(heard).toEqual(['resync: opened', 'Open']);
  });

  test('follows a change of the channels', () => {
    const given = setUp();
    const heard: string[] = [];
    function Some({ channels }: { channels: readonly AppEvent['channel'][] }) {
      useRealtimeSubscription({ channels, onEvent: (event) => heard.push(event.channel) });
      return null;
    }
    const { rerender } = render(<Some channels={['role_changes']} />, { wrapper: given.wrapper });
    rerender(<Some channels={['role_changes', 'task_changes']} />);
    given.send({ channel: 'position' });
    given.send(completed);
    expect(heard).toEqual(['task_changes']);
  });

  test('attaches on mount and detaches on unmount: the last one closes the stream', async () => {
    const given = setUp();
    const heard: string[] = [];
    const { unmount } = render(<Tasks onHeard={(text) => heard.push(text)} />, { wrapper: given.wrapper });
    unmount();
    given.send(completed);
    await waitFor(() => expect(given.streams.map(({ closed }) => closed)).toEqual([true]));
    expect(heard).toEqual([]);
  });

  test('listens only while enabled', async () => {
    const given = setUp();
    const onHeard = vi.fn<(text: string) => void>();
    const { rerender } = render(<Tasks enabled={false} onHeard={onHeard} />, { wrapper: given.wrapper });
    expect(given.streams).toHaveLength(0);
    rerender(<Tasks enabled onHeard={onHeard} />);
    expect(given.streams).toHaveLength(1);
    rerender(<Tasks enabled={false} onHeard={onHeard} />);
    await waitFor(() => expect(given.streams[0]?.closed).toBe(true));
  });
});

describe('useLiveStatus', () => {
  test('shows the state and the reason as they change', () => {
    const given = setUp();
    render(<Light />, { wrapper: given.wrapper });
    expect(screen.getByText(/^connecting: /)).toBeDefined();
    act(() => void given.store.addListener({ onEvent: () => undefined }));
    given.send({ channel: 'position' });
    expect(screen.getByText(/^live: Connected/)).toBeDefined();
    act(() => given.store.close());
    expect(screen.getByText('signed out: You are signed out')).toBeDefined();
  });
});

describe('without a provider', () => {
  let silent: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    silent = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(() => silent.mockRestore());

  test('each hook says which it is and what it needs', () => {
    expect(() => render(<Subscribes />)).toThrow(/useRealtimeSubscription needs a <LiveProvider/);
    expect(() => render(<Reads />)).toThrow(/useLiveStatus needs a <LiveProvider/);
  });
});

describe('LiveProvider with an invalidator', () => {
  function show() {
    const given = setUp();
    const queryClient = new QueryClient({
      defaultOptions: { queries: { staleTime: Infinity, gcTime: Infinity } },
    });
    const invalidator = createInvalidator<AppEvent>(queryClient, {
      rules: { task_changes: { all: keys(['tasks']) }, role_changes: nothing },
    });
    const server = { truth: 'written before' };
    function Screen() {
      const { data } = useQuery({ queryKey: ['tasks'], queryFn: () => Promise.resolve(server.truth) });
      return <p>{data ?? 'loading'}</p>;
    }
    const { unmount } = render(
      <StrictMode>
        <QueryClientProvider client={queryClient}>
          <LiveProvider store={given.store} invalidator={invalidator}>
            <Screen />
          </LiveProvider>
        </QueryClientProvider>
      </StrictMode>,
    );
    return {
      ...given,
      server,
      state: () => given.store.getStatus().state,
      async leave() {
        unmount();
        await waitFor(() => expect(given.streams.every(({ closed }) => closed)).toBe(true));
        invalidator.dispose();
      },
    };
  }

  test('keeps a screen true: what was read before the stream stood, and what an event names', async () => {
    const given = show();
    await screen.findByText('written before');
    // In the window between reading and listening: no event tells of it.
    given.server.truth = 'written in the window';
    given.send({ channel: 'position' });
    await screen.findByText('written in the window');
    await waitFor(() => expect(given.state()).toBe('live'));
    given.server.truth = 'announced';
    given.send(completed);
    await screen.findByText('announced');
    await given.leave();
  });

  test('in a tab opened in the background loads the data without a stream, and is live once it is seen', async () => {
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    const given = show();
    await screen.findByText('written before');
    expect(given.streams).toHaveLength(0);
    given.server.truth = 'written while nobody saw it';
    visibility.mockReturnValue('visible');
    act(() => void document.dispatchEvent(new Event('visibilitychange')));
    expect(given.streams).toHaveLength(1);
    given.send({ channel: 'position' });
    await screen.findByText('written while nobody saw it');
    await waitFor(() => expect(given.state()).toBe('live'));
    await given.leave();
  });
});
