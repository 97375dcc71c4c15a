// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { outline } from './outline.ts';

const model = (inside: string) =>
  `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"><bpmn:process id="p">${inside}</bpmn:process></bpmn:definitions>`;

test('lists steps along their flows, not as they stand in the file', () => {
  const xml = model(`
    <bpmn:userTask id="b" name="Second&#10;  step"/><bpmn:startEvent id="s"/><bpmn:task id="a" name="First"/>
    <bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/>`);
  expect(outline(xml).steps).toEqual([
    { id: 's', kind: 'Start', name: null },
    { id: 'a', kind: 'Task', name: 'First' },
    { id: 'b', kind: 'Task', name: 'Second step' },
  ]);
});

test('ends on a loop and keeps what no flow reaches', () => {
  const xml = model(`
    <bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:task id="alone"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="a"/>`);
  expect(outline(xml).steps.map((step) => step.id)).toEqual(['s', 'a', 'alone']);
});

test('knows how large the model is drawn, if it is', () => {
  const bounds =
    '<d><b:Bounds x="-10" y="20" width="30" height="40"/><b:Bounds x="90.5" y="0" width="9.5" height="5"/></d>';
  expect(outline(model(bounds.replaceAll('b:', ''))).size).toEqual({ width: 110, height: 60 });
  expect(outline(model('')).size).toBeNull();
});
