import { describe, expect, test } from 'vitest';
import { readModel } from './index.ts';
import { between, bpmn, end, exclusive, flow, modelOf, outputs, start, task } from './testing/models.ts';

const fieldsOf = async (inside: string, rest = '', more = '') => {
  const content = [...between(task('x', inside)), more].join('');
  const { model, problems } = await readModel(bpmn(content, rest));
  expect(problems).toEqual([]);
  return model?.elements['x']?.fields;
};

describe('what a task asks for', () => {
  test.each([
    ['xsd:boolean', 'boolean'],
    ['xs:tBool', 'boolean'],
    ['Boolean', 'boolean'],
    ['java.lang.Integer', 'number'],
    ['xsd:int', 'number'],
    ['xsd:nonNegativeInteger', 'number'],
    ['xsd:decimal', 'number'],
    ['double', 'number'],
    ['Long', 'number'],
    ['Number', 'number'],
    ['xsd:date', 'date'],
    ['dateTime', 'date'],
    ['xsd:string', 'text'],
    ['tns:Interval', 'text'],
    ['xsd:time', 'text'],
  ])('%s is a %s', async (type, expected) => {
    const direct = await fieldsOf(outputs({ it: type }));
    expect(direct).toEqual([{ name: 'it', label: 'it', type: expected, required: true }]);
    const defined = await fieldsOf(
      outputs({ it: 'def' }),
      `<itemDefinition id="def" structureRef="${type}"/>`,
    );
    expect(defined).toEqual(direct);
  });

  test('an output without type or name takes those of its data object', async () => {
    const inside = `<ioSpecification><dataOutput id="o"/></ioSpecification>
      <dataOutputAssociation id="a"><sourceRef>o</sourceRef><targetRef>ref</targetRef></dataOutputAssociation>`;
    const data =
      '<dataObject id="obj" itemSubjectRef="xsd:int"/><dataObjectReference id="ref" name="total" dataObjectRef="obj"/>';
    expect(await fieldsOf(inside, '', data)).toEqual([
      { name: 'total', label: 'total', type: 'number', required: true },
    ]);
    expect(await fieldsOf('<ioSpecification><dataOutput id="o"/></ioSpecification>')).toEqual([]);
  });

  test('an optional output may be left out', async () => {
    const inside = `<ioSpecification><dataOutput id="o" name="note"/>
      <outputSet id="set"><dataOutputRefs>o</dataOutputRefs><optionalOutputRefs>o</optionalOutputRefs></outputSet></ioSpecification>`;
    expect(await fieldsOf(inside)).toEqual([{ name: 'note', label: 'note', type: 'text', required: false }]);
  });

  test('where the conditions speak of the data object, that is the variable', async () => {
    const model = await modelOf(
      start,
      task(
        'x',
        `<ioSpecification><dataOutput id="o" name="Result"/></ioSpecification>
        <dataOutputAssociation id="a"><sourceRef>o</sourceRef><targetRef>obj</targetRef></dataOutputAssociation>`,
      ),
      '<dataObject id="obj" name="approved" itemSubjectRef="xsd:boolean"/>',
      exclusive('g', 'g-e2') + end() + end('e2'),
      flow('s', 'x') + flow('x', 'g') + flow('g', 'e', "getDataObject('approved')") + flow('g', 'e2'),
    );
    const [field] = model.elements['x']?.fields ?? [];
    expect(field).toEqual({ name: 'approved', label: 'Result', type: 'boolean', required: true });
  });

  test("Camunda's form fields", async () => {
    const inside = `<extensionElements><camunda:formData>
      <camunda:formField id="amount" label="How much?" type="long"><camunda:validation>
        <camunda:constraint name="required"/></camunda:validation></camunda:formField>
      <camunda:formField id="colour" type="enum"><camunda:value id="red" name="Red"/><camunda:value id="blue"/></camunda:formField>
      </camunda:formData></extensionElements>`;
    expect(await fieldsOf(inside)).toEqual([
      { name: 'amount', label: 'How much?', type: 'number', required: true },
      { name: 'colour', label: 'colour', type: 'text', required: false, options: ['red', 'blue'] },
    ]);
  });

  test('the documentation comes along', async () => {
    const model = await modelOf(...between(task('x', '<documentation> Look closely. </documentation>')));
    expect(model.elements['x']?.documentation).toBe('Look closely.');
  });
});
