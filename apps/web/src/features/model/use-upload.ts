import { useState } from 'react';

import { trpc } from '../../trpc.ts';
import { errorWords } from '../../ui/error-words.ts';
import { readModelFile } from './read-file.ts';

export interface Upload {
  key: number;
  fileName: string;
  state:
    | { is: 'waiting' | 'uploading' }
    | { is: 'done'; modelId: number; version: number; problems: number }
    | { is: 'failed'; reason: string };
}

let lastKey = 0;

/** Uploads files one after the other and tells how each fares. */
export function useUpload(teamId: number, onUploaded: (modelId: number) => void) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const utils = trpc.useUtils();
  const { mutateAsync } = trpc.model.upload.useMutation();

  const put = (upload: Upload) =>
    setUploads((before) => before.map((each) => (each.key === upload.key ? upload : each)));

  async function send(file: File, key: number): Promise<number | null> {
    const is = (state: Upload['state']) => put({ key, fileName: file.name, state });
    is({ is: 'uploading' });
    const read = await readModelFile(file);
    if (!read.ok) {
      is({ is: 'failed', reason: read.reason });
      return null;
    }
    try {
      const { id, version, problems } = await mutateAsync({
        teamId,
        xml: read.xml,
        ...(read.name !== null && { name: read.name }),
      });
      is({ is: 'done', modelId: id, version, problems: problems.length });
      return id;
    } catch (error) {
      const { title, text } = errorWords(error);
      is({ is: 'failed', reason: text || title });
      return null;
    }
  }

  return {
    uploads,
    busy: uploads.some(({ state }) => state.is === 'waiting' || state.is === 'uploading'),
    dismiss: () =>
      setUploads((before) =>
        before.filter(({ state }) => state.is === 'waiting' || state.is === 'uploading'),
      ),
    async upload(files: readonly File[]) {
      const queued = files.map((file) => ({ file, key: (lastKey += 1) }));
      setUploads((before) => [
        ...before.filter(({ state }) => state.is !== 'done'),
        ...queued.map(({ file, key }): Upload => ({ key, fileName: file.name, state: { is: 'waiting' } })),
      ]);
      let last: number | null = null;
      for (const { file, key } of queued) last = (await send(file, key)) ?? last;
      await utils.model.list.invalidate({ teamId });
      if (last !== null) onUploaded(last);
    },
  };
}

export type Uploader = ReturnType<typeof useUpload>;
