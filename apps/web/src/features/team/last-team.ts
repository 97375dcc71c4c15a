/** Which team a person looked at last, in this browser. */
export function readLastTeam(profileId: string): number | null {
  const id = Number(localStorage.getItem(keyOf(profileId)));
  return Number.isInteger(id) && id > 0 ? id : null;
}

export function writeLastTeam(profileId: string, teamId: number): void {
  localStorage.setItem(keyOf(profileId), String(teamId));
}

function keyOf(profileId: string): string {
  return `processflow.last-team.${profileId}`;
}
