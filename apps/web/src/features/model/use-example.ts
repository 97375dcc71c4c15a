import { useState } from 'react';

import { trpc } from '../../trpc.ts';
import { refusalWords, showRefusal } from '../../ui/mutation.ts';
import type { Uploader } from './use-upload.ts';

/** The example model, uploaded like a file of one's own. */
export function useExample(uploader: Uploader) {
  const utils = trpc.useUtils();
  const [pending, setPending] = useState(false);
  return {
    pending: pending || uploader.busy,
    async use() {
      setPending(true);
      try {
        const { name, xml } = await utils.model.example.fetch();
        await uploader.upload([new File([xml], `${name}.bpmn`)]);
      } catch (error) {
        showRefusal(refusalWords(error, Date.now()));
      } finally {
        setPending(false);
      }
    },
  };
}
