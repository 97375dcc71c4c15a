import type { ModdleElement } from 'bpmn-moddle';
import { child, children, hasLocalName, text, unresolved, vendorElements, type Source } from './moddle.ts';
import type { Field, FieldType } from './types.ts';

/** A data output as drawn. Which of its two names is the variable's shows in the conditions. */
export interface Output extends Field {
  /** The data object it is written to, where that has another name. */
  objectName: string | null;
}

export function outputsOf(source: Source, node: ModdleElement): Output[] {
  const outputs = [...dataOutputs(source, node), ...vendorFields(node)];
  // The first of each name.
  const byName = new Map(outputs.toReversed().map((output) => [output.name, output]));
  return outputs.filter((output) => byName.get(output.name) === output);
}

function dataOutputs(source: Source, node: ModdleElement): Output[] {
  const specification = child(node, 'ioSpecification');
  const sets = children(specification, 'outputSets');
  const optional = new Set(sets.flatMap((set) => children(set, 'optionalOutputRefs')));
  const associations = new Map(
    children(node, 'dataOutputAssociations').flatMap((a) =>
      children(a, 'sourceRef').map((output) => [output, a]),
    ),
  );
  return children(specification, 'dataOutputs').flatMap((output) => {
    const reference = child(associations.get(output) ?? null, 'targetRef');
    const object = child(reference, 'dataObjectRef') ?? reference;
    const objectName = text(reference, 'name') ?? text(object, 'name');
    const name = text(output, 'name') ?? objectName;
    if (name === null) return [];
    const type = typeOf(source, output) ?? (object && typeOf(source, object)) ?? 'text';
    return [{ name, label: name, type, required: !optional.has(output), objectName }];
  });
}

/** The type of an item-aware element; null when the model says nothing. */
export function typeOf(source: Source, element: ModdleElement): FieldType | null {
  const definition = child(element, 'itemSubjectRef');
  const named = definition ? text(definition, 'structureRef') : unresolved(source, element, 'itemSubjectRef');
  return named === null ? null : fieldType(named);
}

/** Models name types as they like: `xsd:boolean`, `xs:tBool`, `java.lang.Integer`, `dateTime`. */
function fieldType(name: string): FieldType {
  const local = name.replace(/^.*[:.}#/]/u, '');
  if (/^t?bool/iu.test(local)) return 'boolean';
  if (
    /^t?(?:int|integer|long|short|byte|decimal|double|float|real|number|numeric|bigint\w*|bigdecimal)$/iu.test(
      local,
    )
  ) {
    return 'number';
  }
  if (/^t?(?:(?:non|un)?(?:positive|negative|signed)(?:int|integer|long|short))$/iu.test(local))
    return 'number';
  return /^t?(?:date|localdate|datetime)/iu.test(local) ? 'date' : 'text';
}

/** Fields of Camunda's, Flowable's and Activiti's own forms, whose ids are the variables' names. */
function vendorFields(node: ModdleElement): Output[] {
  const camunda = vendorElements(node, 'formData').flatMap((form) => form.$children ?? []);
  const fields = [
    ...camunda.filter((f) => hasLocalName(f, 'formField')),
    ...vendorElements(node, 'formProperty'),
  ];
  return fields.flatMap((field) => {
    const name = text(field, 'id');
    if (name === null) return [];
    const inside = field.$children ?? [];
    const rules = inside.filter((f) => hasLocalName(f, 'validation')).flatMap((v) => v.$children ?? []);
    const required =
      text(field, 'required') === 'true' || rules.some((rule) => text(rule, 'name') === 'required');
    const options = inside
      .filter((f) => hasLocalName(f, 'value'))
      .flatMap((value) => text(value, 'id') ?? []);
    const type = fieldType(text(field, 'type') ?? 'string');
    const label = text(field, 'label') ?? text(field, 'name') ?? name;
    return [{ name, label, type, required, objectName: null, ...(options.length > 0 && { options }) }];
  });
}
