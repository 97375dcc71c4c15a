import { describe, expect, test } from 'vitest';
import { readModel } from './index.ts';
import { between, bpmn, end, flow, problemsOf, start, task } from './testing/models.ts';

const code = async (...content: string[]) =>
  (await problemsOf(...content)).map(({ elementId, code: c }) => `${elementId}: ${c}`);

describe('what is refused', () => {
  test.each([
    ['<subProcess id="x"/>', 'unsupported-element', /sub-process/iu],
    ['<transaction id="x"/>', 'unsupported-element', /transaction/iu],
    ['<adHocSubProcess id="x"/>', 'unsupported-element', /sub-process/iu],
    ['<callActivity id="x"/>', 'unsupported-element', /another process/u],
    ['<inclusiveGateway id="x"/>', 'unsupported-element', /inclusive/u],
    ['<complexGateway id="x"/>', 'unsupported-element', /complex/u],
    ['<eventBasedGateway id="x"/>', 'unsupported-element', /events/u],
    ['<intermediateThrowEvent id="x"/>', 'unsupported-event', /middle/u],
    [
      '<intermediateCatchEvent id="x"><timerEventDefinition/></intermediateCatchEvent>',
      'unsupported-event',
      /\(timer\)/u,
    ],
    ['<task id="x"><standardLoopCharacteristics/></task>', 'unsupported-loop', /loop/u],
    ['<task id="x"><multiInstanceLoopCharacteristics/></task>', 'unsupported-loop', /loop/u],
    ['<task id="x" isForCompensation="true"/>', 'unsupported-compensation', /compensation/u],
    ['<task id="x" startQuantity="2"/>', 'unsupported-quantity', /quantities/u],
    ['<task id="x" completionQuantity="3"/>', 'unsupported-quantity', /quantities/u],
    ['<receiveTask id="x" instantiate="true"/>', 'unsupported-event', /message/u],
  ])('%s: %s', async (element, expected, reason) => {
    const problems = await problemsOf(...between(element));
    expect(problems.map(({ elementId, code: c }) => [elementId, c])).toEqual([['x', expected]]);
    expect(problems[0]?.reason).toMatch(reason);
  });

  test.each(['message', 'timer', 'signal', 'conditional'])('a start by %s', async (event) => {
    const content = `<startEvent id="s" name="Go"><${event}EventDefinition/></startEvent>`;
    expect(await problemsOf(content, end(), flow('s', 'e'))).toEqual([
      {
        elementId: 's',
        elementName: 'Go',
        code: 'unsupported-event',
        reason: `Only a plain start event can run yet (${event}). A person starts the process.`,
      },
    ]);
  });

  test.each(['message', 'signal', 'error', 'escalation', 'compensate', 'cancel'])(
    'an end by %s',
    async (event) => {
      const content = `<endEvent id="e"><${event}EventDefinition/></endEvent>`;
      expect(await code(start, content, flow('s', 'e'))).toEqual(['e: unsupported-event']);
    },
  );

  test('an end that terminates and does more', async () => {
    const content = '<endEvent id="e"><terminateEventDefinition/><signalEventDefinition/></endEvent>';
    expect(await code(start, content, flow('s', 'e'))).toEqual(['e: unsupported-event']);
  });

  test('an event defined elsewhere, even when that is missing', async () => {
    const content = '<startEvent id="s"><eventDefinitionRef>gone</eventDefinitionRef></startEvent>';
    expect(await code(content, end(), flow('s', 'e'))).toEqual(['s: unsupported-event']);
  });

  test('an event on the border, but not for being unreachable, nor what follows it', async () => {
    const content = [
      ...between(task('x')),
      '<boundaryEvent id="b" attachedToRef="x"><timerEventDefinition/></boundaryEvent>',
      task('y'),
      flow('b', 'y'),
    ];
    expect(await code(...content)).toEqual(['b: unsupported-event']);
  });

  test('no start, several starts', async () => {
    expect(await code(task('a'))).toEqual(['p: no-start']);
    const content = [start, '<startEvent id="s2"/>', end(), flow('s', 'e'), flow('s2', 'e')];
    expect(await code(...content)).toEqual(['s: several-starts', 's2: several-starts']);
  });

  test('steps nothing leads to, flows that lead nowhere or where none may be', async () => {
    expect(await code(start, end(), flow('s', 'e'), task('lost'))).toEqual(['lost: unreachable']);
    const loose =
      '<sequenceFlow id="f" sourceRef="s"/><sequenceFlow id="g" sourceRef="nobody" targetRef="e"/>';
    expect(await code(start, end(), flow('s', 'e'), loose)).toEqual(['f: dangling-flow', 'g: dangling-flow']);
    expect(await code(start, task('a'), flow('s', 'a'), flow('a', 's'))).toEqual(['a-s: misplaced-flow']);
    expect(await code(start, end(), end('e2'), flow('s', 'e'), flow('e', 'e2'))).toEqual([
      'e-e2: misplaced-flow',
    ]);
  });

  test('ids that are missing or used twice', async () => {
    const nameless = '<task name="No id"/><sequenceFlow sourceRef="s" targetRef="e"/>';
    const problems = await problemsOf(start, end(), flow('s', 'e'), nameless);
    expect(problems.map((p) => p.code)).toEqual(['missing-id', 'missing-id', 'unreachable']);
    expect(await code(...between(task('x')), task('x'))).toContain('x: duplicate-id');
  });

  test('parts BPMN does not have', async () => {
    expect(await code(...between(task('x')), '<magicTask id="m"/>')).toEqual(['null: unsupported-element']);
  });

  test('several processes with steps; no process with steps', async () => {
    const two = bpmn(
      [start, end(), flow('s', 'e')].join(''),
      '<process id="q"><startEvent id="t"/></process>',
    );
    const { problems } = await readModel(two);
    expect(problems.map((p) => [p.elementId, p.code])).toEqual([
      ['p', 'several-processes'],
      ['q', 'several-processes'],
    ]);
    expect(await code()).toEqual(['null: no-process']);
    const choreography = '<choreography id="c"/>';
    const none = await readModel(bpmn('', choreography));
    expect(none.problems.map((p) => p.code)).toEqual(['no-process']);
  });

  test.each([
    '',
    ' ',
    'hello',
    '{}',
    '<a/>',
    '<definitions',
    '<definitions/>',
    '<process id="p"/>',
    '\0',
    '<!DOCTYPE',
  ])('what is no BPMN: %j', async (xml) => {
    const { model, problems } = await readModel(xml);
    expect(model).toBeNull();
    expect(problems.map((p) => p.code)).toEqual(['unreadable-xml']);
    expect(problems[0]?.reason).toMatch(/not a readable BPMN 2.0 file/u);
  });

  test('a file cut off anywhere', async () => {
    const whole = bpmn([start, task('a'), end(), flow('s', 'a'), flow('a', 'e', 'x > 1')].join(''));
    for (let length = 0; length < whole.length; length += 7) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other keeps the failing length visible
      const { model, problems } = await readModel(whole.slice(0, length));
      expect({ length, model, refused: problems.length > 0 }).toEqual({ length, model: null, refused: true });
    }
  });
});
