import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { useAnnounce } from '../../ui/announcer.tsx';
import { shellLink } from '../../ui/shell.tsx';
import { useShortcut } from '../../ui/shortcuts.tsx';
import { placesOf, type MyTeam, type Place } from './pages.ts';

/** The links to the pages that one's roles open; one that opens or closes meanwhile is announced. */
export function PlaceLinks({ team }: { team: MyTeam }) {
  return placesOf(team).map(({ name, to, icon: PlaceIcon }) => (
    <Link
      key={to}
      to={to}
      params={{ teamId: String(team.id) }}
      className={shellLink}
      activeProps={{ 'aria-current': 'page' }}
    >
      <PlaceIcon size={18} aria-hidden />
      {name}
    </Link>
  ));
}

/** 1, 2, 3, … open the pages. */
export function PlaceShortcuts({ team }: { team: MyTeam }) {
  return placesOf(team).map((place, index) => (
    <PlaceShortcut key={place.to} place={place} keys={String(index + 1)} teamId={team.id} />
  ));
}

function PlaceShortcut({ place, keys, teamId }: { place: Place; keys: string; teamId: number }) {
  const navigate = useNavigate();
  useShortcut(
    keys,
    `Open ${place.name}`,
    () => void navigate({ to: place.to, params: { teamId: String(teamId) } }),
  );
  return null;
}

/** Announces pages that open or close while one looks. */
export function PlaceChanges({ team }: { team: MyTeam }) {
  const announce = useAnnounce();
  const before = useRef(team);
  useEffect(() => {
    const was = before.current;
    before.current = team;
    if (was.id !== team.id) return;
    const names = (one: MyTeam) => placesOf(one).map(({ name }) => name);
    const opened = names(team).filter((name) => !names(was).includes(name));
    const closed = names(was).filter((name) => !names(team).includes(name));
    const said = [
      ...(opened.length > 0 ? [`You can now open ${opened.join(' and ')}.`] : []),
      ...(closed.length > 0 ? [`You can no longer open ${closed.join(' and ')}.`] : []),
    ];
    if (said.length > 0) announce(said.join(' '));
  }, [team, announce]);
  return null;
}
