import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { openStream, startTestServer } from './testing.ts';

test('a stream that says whose it is to be is refused to who has signed in since, also when it is resumed', async () => {
  await using database = await testDatabase();
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada');
  const bo = await server.signIn('bo');
  using own = openStream(server, ada, { viewer: ada.id.toUpperCase() });
  await own.next({ channel: 'position' });

  // The cookie is Bo's by now, and the tab or its worker does not know it.
  const lastEventId = own.frames[0]?.id;
  for (const input of [
    { viewer: ada.id },
    { viewer: ada.id, ...(lastEventId !== undefined && { lastEventId }) },
  ]) {
    using other = openStream(server, bo, input);
    // oxlint-disable-next-line no-await-in-loop -- one stream after the other
    expect(await other.whenEnded()).toMatchObject({
      code: 'UNAUTHORIZED',
      message: 'Someone else has signed in meanwhile.',
    });
    expect(other.frames).toEqual([]);
  }
});
