import { type ReadResult, readModel } from '@processflow/engine';

const MOST_MODELS = 200;

/** What was read from models, by their ids. The XML of a row never changes, so nothing has to be invalidated. */
export interface ModelCache {
  read(id: number, loadXml: () => Promise<string>): Promise<ReadResult>;
}

/** Keeps the models used last, at most `capacity`. */
export function createModelCache(capacity = MOST_MODELS): ModelCache {
  const models = new Map<number, Promise<ReadResult>>();
  return {
    read(id, loadXml) {
      const model = models.get(id) ?? loadXml().then(readModel);
      models.delete(id);
      models.set(id, model);
      // Another reader may have put it there anew; only this very failure is forgotten.
      model.catch(() => models.get(id) === model && models.delete(id));
      for (const oldest of models.keys()) {
        if (models.size <= capacity) break;
        models.delete(oldest);
      }
      return model;
    },
  };
}
