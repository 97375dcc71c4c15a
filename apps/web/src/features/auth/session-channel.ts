/** What one tab tells the browser's others: who is signed in, null for nobody. Never a credential. */
export interface SessionChannel {
  tell(profileId: string | null): void;
  hear(listener: (profileId: string | null) => void): void;
}

export function browserSessionChannel(): SessionChannel {
  const channel = new BroadcastChannel('processflow.session');
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none
    tell: (profileId) => channel.postMessage(profileId),
    hear: (listener) =>
      channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (data === null || typeof data === 'string') listener(data);
      }),
  };
}
