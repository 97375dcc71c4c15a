import { describe, expect, test } from 'vitest';
import { performers, readModel } from './index.ts';
import { between, bpmn, end, escape, exclusive, flow, modelOf, start, task } from './testing/models.ts';

const owner = (inside: string) => `<potentialOwner id="o" name="Owner of x">${inside}</potentialOwner>`;
const lanes = (name: string) =>
  `<laneSet id="ls"><lane id="l" name="${name}"><flowNodeRef>x</flowNodeRef></lane></laneSet>`;
const performerOf = async (element: string, laneSet = '') => {
  const xml = bpmn([laneSet, ...between(element)].join(''), '<resource id="r" name="Clerk"/>');
  return (await readModel(xml)).model?.elements['x']?.performer;
};
const lane = (ids: string[]) => ids.map((id) => `<flowNodeRef>${id}</flowNodeRef>`).join('');

describe('who does a task', () => {
  test.each<[string, string, string | null]>([
    ['the resource of a potential owner', task('x', owner('<resourceRef>r</resourceRef>')), 'Clerk'],
    [
      'before candidate groups',
      task('x', owner('<resourceRef>r</resourceRef>'), 'camunda:candidateGroups="g"'),
      'Clerk',
    ],
    [
      'candidate groups when the resource is missing',
      task('x', owner('<resourceRef>q</resourceRef>'), 'camunda:candidateGroups="g, h"'),
      'g',
    ],
    [
      'the group of an assignment expression',
      task(
        'x',
        owner(
          '<resourceAssignmentExpression><formalExpression>user(kermit), group(management)</formalExpression></resourceAssignmentExpression>',
        ),
      ),
      'management',
    ],
    [
      'no group another engine would have to compute',
      task('x', '', 'camunda:candidateGroups="${groups}"'),
      null,
    ],
    [
      "Zeebe's assignment",
      task(
        'x',
        '<extensionElements><zeebe:assignmentDefinition candidateGroups="sales"/></extensionElements>',
      ),
      'sales',
    ],
    [
      "Zeebe's assignment as an expression",
      task(
        'x',
        `<extensionElements><zeebe:assignmentDefinition candidateGroups="${escape('=["sales","it"]')}"/></extensionElements>`,
      ),
      'sales',
    ],
    ['nobody', task('x'), null],
  ])('%s', async (_, element, performer) => {
    expect(await performerOf(element)).toBe(performer);
  });

  test('the lane when nothing else, the innermost one that has a name', async () => {
    expect(await performerOf(task('x'), lanes(' Back&#10;office '))).toBe('Back office');
    expect(await performerOf(task('x', '', 'camunda:candidateGroups="g"'), lanes('Office'))).toBe('g');
    const nested = `<laneSet id="a"><lane id="b" name="Outer"><childLaneSet id="c"><lane id="i" name="Inner">
      <flowNodeRef>x</flowNodeRef></lane><lane id="n"><flowNodeRef>y</flowNodeRef></lane></childLaneSet></lane></laneSet>`;
    const model = await modelOf(nested, start, task('x'), task('y'), flow('s', 'x'), flow('x', 'y'));
    expect(performers(model)).toEqual([
      { name: 'Inner', elementIds: ['x'] },
      { name: 'Outer', elementIds: ['y'] },
    ]);
  });

  test('a lane names who decides at a gateway, but nobody for what runs by itself', async () => {
    const model = await modelOf(
      `<laneSet id="ls"><lane id="l" name="Office">${lane(['s', 'g', 'h', 'e'])}</lane></laneSet>`,
      start + exclusive('g') + exclusive('h') + end(),
      flow('s', 'g') + flow('g', 'h') + flow('g', 'e') + flow('h', 'e'),
    );
    expect(performers(model)).toEqual([{ name: 'Office', elementIds: ['g'] }]);
  });
});
