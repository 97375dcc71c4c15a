import { type ProcessModel, readModel } from '@processflow/engine';

const MOST_MODELS = 200;

/** Parsed models by their id. The XML of a deployed model never changes, so nothing has to be invalidated. */
export interface ModelCache {
  read(id: number, loadXml: () => Promise<string>): Promise<ProcessModel>;
}

/** Keeps the models used last, at most `capacity`. */
export function createModelCache(capacity = MOST_MODELS): ModelCache {
  const models = new Map<number, Promise<ProcessModel>>();
  return {
    read(id, loadXml) {
      const model = models.get(id) ?? parse(id, loadXml);
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

async function parse(id: number, loadXml: () => Promise<string>): Promise<ProcessModel> {
  const { model, problems } = await readModel(await loadXml());
  if (model === null) {
    throw new Error(
      `Model ${id} was deployed but has problems: ${problems.map((one) => one.code).join(', ')}`,
    );
  }
  return model;
}
