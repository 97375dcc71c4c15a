import { expect, test } from 'vitest';

import { groupVersions } from './group-versions.ts';
import { choicesFor, defaultChoice, deployRoles } from './performer-choices.ts';
import type { Performer, Role } from './types.ts';

const performer = (name: string, roleId: number | null = null): Performer => ({
  name,
  elementIds: [],
  roleId,
  everyone: false,
});
const role = (id: number, name: string): Role => ({
  id,
  name,
  colour: 'blue',
  pages: [],
  memberCount: 0,
  openTasks: 0,
});

test('a matched performer uses its role, one without a match gets a role of its name', () => {
  const performers = [performer('Approver', 7), performer('Accountant')];
  expect(deployRoles(performers, new Map())).toEqual([
    { performer: 'Approver', role: { use: 7 } },
    { performer: 'Accountant', role: { create: 'Accountant' } },
  ]);
});

test('what was chosen counts', () => {
  const chosen = new Map([
    ['Approver', 'everyone'],
    ['Accountant', 'use:3'],
  ]);
  expect(deployRoles([performer('Approver', 7), performer('Accountant')], chosen)).toEqual([
    { performer: 'Approver', role: 'everyone' },
    { performer: 'Accountant', role: { use: 3 } },
  ]);
});

test('a role that is there is not offered to be created, and the default is always among the choices', () => {
  const values = (each: Performer) => choicesFor(each, [role(7, 'approver')]).map(({ value }) => value);
  expect(values(performer('Approver', 7))).toEqual(['use:7', 'everyone']);
  for (const each of [performer('Approver', 7), performer('Other')]) {
    expect(values(each)).toContain(defaultChoice(each));
  }
});

test('versions of one name stand together, newest first', () => {
  const models = [
    { name: 'A', version: 1 },
    { name: 'B', version: 1 },
    { name: 'A', version: 2 },
  ];
  expect(groupVersions(models).map(({ name, version }) => `${name}${version}`)).toEqual(['A2', 'A1', 'B1']);
});
