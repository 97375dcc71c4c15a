import { describe, expect, test } from 'vitest';
import { readModel } from './index.ts';
import { MAX_CONDITIONS_LENGTH, MAX_LOST_PARTS, MAX_MODEL_SIZE, MAX_XML_LENGTH } from './limits.ts';
import { between, bpmn, end, exclusive, flow, modelOf, problemsOf, start, task } from './testing/models.ts';

const nest = (name: string, depth: number) => `<${name}>`.repeat(depth) + `</${name}>`.repeat(depth);

describe('what is accepted', () => {
  test.each([
    ['task', false],
    ['userTask', false],
    ['manualTask', false],
    ['serviceTask', true],
    ['scriptTask', true],
    ['businessRuleTask', true],
    ['sendTask', true],
    ['receiveTask', true],
  ])('%s is a task; automatic in the model: %s', async (type, automatic) => {
    const model = await modelOf(...between(`<${type} id="x" name=" Do&#10; it "/>`));
    expect(model.elements['x']).toMatchObject({ kind: 'task', automatic, name: 'Do it' });
    expect(model.elements['x']?.bpmnType.toLowerCase()).toBe(`bpmn:${type.toLowerCase()}`);
  });

  test('events, gateways, a terminating end', async () => {
    const model = await modelOf(
      start,
      exclusive('g', 'g-t'),
      '<parallelGateway id="q"/><endEvent id="t"><terminateEventDefinition/></endEvent>',
      end(),
      flow('s', 'g') + flow('g', 'q') + flow('g', 't') + flow('q', 'e'),
    );
    const kinds = Object.values(model.elements).map(({ id, kind }) => `${id} ${kind}`);
    expect(kinds).toEqual(['s start', 'g exclusive', 'q parallel', 't terminate', 'e end']);
    expect(model.startId).toBe('s');
    expect(model.elements['g']).toMatchObject({
      incoming: ['s-g'],
      outgoing: ['g-q', 'g-t'],
      default: 'g-t',
    });
  });

  test("a default that is another step's flow is none", async () => {
    const model = await modelOf(start, task('a', '', 'default="s-a"'), end(), flow('s', 'a'), flow('a', 'e'));
    expect(model.elements['a']?.default).toBeNull();
  });

  test('a model without ends, and one that is not executable', async () => {
    const model = await modelOf(start, task('a'), flow('s', 'a'));
    expect(model.elements['a']?.outgoing).toEqual([]);
    const xml = bpmn([start, end(), flow('s', 'e')].join('')).replace(
      '<process',
      '<process isExecutable="false"',
    );
    expect((await readModel(xml)).problems).toEqual([]);
  });

  test('pools, lanes, message flows, artifacts and data are harmless', async () => {
    const collaboration = `<collaboration id="c"><participant id="p1" name="We" processRef="p"/>
      <participant id="p2" name="They"/><messageFlow id="m" sourceRef="x" targetRef="p2"/></collaboration>
      <process id="empty"/><message id="msg"/><signal id="sig"/>`;
    const content = [
      '<laneSet id="ls"><lane id="l" name="Office"><flowNodeRef>x</flowNodeRef></lane></laneSet>',
      ...between(task('x')),
      '<dataObject id="do" name="paper"/><dataObjectReference id="dr" dataObjectRef="do"/>',
      '<dataStoreReference id="ds"/><textAnnotation id="ta"><text>hi</text></textAnnotation>',
      '<association id="as" sourceRef="ta" targetRef="x"/><group id="gr"/>',
    ].join('');
    const { model, name, problems } = await readModel(bpmn(content, collaboration));
    expect(problems).toEqual([]);
    expect(name).toBe('We');
    expect(Object.keys(model?.elements ?? {})).toEqual(['s', 'x', 'e']);
  });

  test('a drawing with faults: the process is whole', async () => {
    const shape = '<bpmndi:BPMNShape id="twice" bpmnElement="s"/>';
    const drawing = `<bpmndi:BPMNDiagram id="di" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI">
      <bpmndi:BPMNPlane id="pl" bpmnElement="gone">${shape}${shape}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>`;
    expect((await readModel(bpmn(start, drawing))).problems).toEqual([]);
  });

  test('a document type, comments, processing instructions and any prefix', async () => {
    const xml = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa">]><!-- hi -->
      <b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL"><b:process id="p" name="&a;">
      <b:startEvent id="s"/></b:process></b:definitions>`;
    expect((await readModel(xml)).problems).toEqual([]);
  });
});

describe('hostile files', () => {
  test('are refused when too large', async () => {
    const { problems } = await readModel(bpmn(' '.repeat(MAX_XML_LENGTH)));
    expect(problems.map((p) => p.code)).toEqual(['too-large']);
    const many = Array.from({ length: MAX_MODEL_SIZE + 1 }, (_, index) => `<task id="t${index}"/>`);
    expect((await problemsOf(...many)).map((p) => p.code)).toEqual(['too-large']);
  });

  test('do not reach the stack or the clock by nesting, repeating, declaring', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `<n${index}:a xmlns:n${index}="u">`);
    const hostile = {
      'sub-processes': nest('subProcess', 20_000),
      unknown: nest('x', 50_000),
      lanes: '<laneSet><lane><childLaneSet>'.repeat(3000),
      namespaces: many.join(''),
      attributes: `<task ${'a="1" '.repeat(300_000)}/>`,
      quotes: `<task ${`"'`.repeat(900_000)}/>`,
      dropped: '<x/>'.repeat(MAX_LOST_PARTS + 1),
      lines: `${'\n'.repeat(900_000)}${'<x/>'.repeat(10_000)}`,
    };
    const unreadable = new Set(['attributes', 'quotes', 'dropped']);
    for (const [name, xml] of Object.entries(hostile)) {
      // oxlint-disable-next-line no-await-in-loop -- each is heavy; never at once
      const { problems } = await readModel(bpmn(`${start}${xml}`));
      expect({ name, codes: problems.map((p) => p.code) }).toEqual({
        name,
        codes: [unreadable.has(name) ? 'unreadable-xml' : 'too-large'],
      });
    }
  });

  test('take no longer than harmless ones of their size', async () => {
    const decision = (condition: string) => {
      const ways = Array.from({ length: MAX_CONDITIONS_LENGTH / 1000 }, (_, index) => `t${index}`);
      return bpmn(
        start +
          exclusive('g') +
          flow('s', 'g') +
          ways.map((id) => task(id) + flow('g', id, condition)).join(''),
      );
    };
    const long = (content: string) => bpmn(`${start}<!--${' '.repeat(1_500_000)}-->${content}`);
    const harmless = {
      conditions: decision('a = 1 and '.repeat(99) + 'b = 2'),
      tags: long(Array.from({ length: 11_000 }, (_, index) => `<dataObject id="d${index}"/>`).join('')),
    };
    const hostile: Record<string, [keyof typeof harmless, string]> = {
      'single quotes': ['conditions', decision(`${"'".repeat(499)}${'\\'.repeat(500)}`)],
      'double quotes': ['conditions', decision(`${'"'.repeat(499)}${'\\'.repeat(500)}`)],
      'empty texts': ['conditions', decision('"" '.repeat(333))],
      'dropped parts': ['tags', long('<x/>'.repeat(11_000))],
    };
    const least = async (xml: string) => {
      const times: number[] = [];
      for (let count = 0; count < 3; count++) {
        const begun = performance.now();
        // oxlint-disable-next-line no-await-in-loop -- one at a time, or they would time each other
        await readModel(xml);
        times.push(performance.now() - begun);
      }
      return Math.min(...times);
    };
    const usual = { conditions: await least(harmless.conditions), tags: await least(harmless.tags) };
    for (const [name, [like, xml]] of Object.entries(hostile)) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect((await least(xml)) / usual[like], name).toBeLessThan(3);
    }
  });

  test('are refused for too many conditions or data outputs, with no more problems than help', async () => {
    const long = Array.from({ length: 150 }, () => 'a '.repeat(900));
    const flows = long.map((text, index) => flow('s', `t${index}`, text) + task(`t${index}`));
    expect((await problemsOf(start, ...flows)).map((p) => p.reason)).toEqual([
      'The model has more than 20000 characters of conditions.',
    ]);
    const each = Array.from({ length: 1001 }, (_, index) => `<dataOutput id="o${index}" name="o${index}"/>`);
    const outputs = task('x', `<ioSpecification>${each.join('')}</ioSpecification>`);
    expect((await problemsOf(...between(outputs))).map((p) => p.code)).toEqual(['too-large']);
    const lost = Array.from({ length: 300 }, (_, index) => task(`t${index}`));
    expect(await problemsOf(start, ...lost)).toHaveLength(200);
  });

  test('keep their ids, whatever JavaScript means by them', async () => {
    const model = await modelOf(
      start,
      '<userTask id="__proto__"/><exclusiveGateway id="constructor"/>',
      '<endEvent id="toString"/><endEvent id="hasOwnProperty"/>',
      flow('s', '__proto__'),
      flow('__proto__', 'constructor'),
      flow('constructor', 'toString') + flow('constructor', 'hasOwnProperty'),
    );
    expect(Object.keys(model.elements)).toEqual([
      's',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
    ]);
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
    expect(({} as Record<string, unknown>)['kind']).toBeUndefined();
  });

  test('cannot point a flow at what is no step', async () => {
    const strange = '<sequenceFlow id="f" sourceRef="toString" targetRef="__proto__"/>';
    const problems = await problemsOf(start, end(), flow('s', 'e'), strange);
    expect(problems.map((p) => p.code)).toEqual(['dangling-flow']);
  });
});
