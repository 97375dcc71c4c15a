import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { rules } from '../../live.ts';
import { channelOf, type Entry, jsonOf } from './entry.ts';
import { EntryDetail } from './entry-detail.tsx';
import { EntryList } from './entry-list.tsx';
import { useInspector } from './inspector-provider.tsx';
import classes from './inspector.module.css';
import { LinkFacts } from './link-facts.tsx';
import { createRecorder, type Recorder } from './recorder.ts';
import { Toolbar } from './toolbar.tsx';
import { useFilter, type Filter } from './use-filter.ts';

/** Records from now until it is closed. */
export function InspectorPanel() {
  const { tap } = useInspector();
  const cache = useQueryClient().getQueryCache();
  const [recorder] = useState(() => createRecorder({ tap, cache, rules }));
  useEffect(() => recorder.start(), [recorder]);
  return <Panel recorder={recorder} />;
}

function Panel({ recorder }: { recorder: Recorder }) {
  const { isNew, toggle } = useInspector();
  const recording = useSyncExternalStore(recorder.subscribe, recorder.get);
  const [filter, setFilter] = useFilter();
  const [openNumber, setOpenNumber] = useState<number | null>(null);
  const panel = useFocusWhile(isNew);
  const closeDetail = () => {
    setOpenNumber(null);
    // What had the focus goes with it, on a phone together with the list's being hidden.
    requestAnimationFrame(() =>
      panel.current?.querySelector<HTMLElement>('ol button[tabindex="0"]')?.focus(),
    );
  };
  const entries = recording.entries.filter((entry) => passes(entry, filter));
  const open = recording.entries.find(({ number }) => number === openNumber);

  return (
    // Escape leaves what was opened last.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a key for all that is inside
    <section
      ref={panel}
      className={classes.panel}
      aria-label="Live inspector"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        // The browser's own way to empty a search field.
        if (event.target instanceof HTMLInputElement && event.target.value !== '') return;
        event.preventDefault();
        if (open) closeDetail();
        else toggle();
      }}
    >
      <LinkFacts recording={recording} />
      <Toolbar
        recorder={recorder}
        recording={recording}
        shown={entries}
        filter={filter}
        onFilter={setFilter}
        onClose={toggle}
      />
      <div className={classes.body} data-detail={open ? true : undefined}>
        <EntryList
          entries={entries}
          isFiltered={entries.length < recording.entries.length}
          openNumber={openNumber}
          onOpen={setOpenNumber}
        />
        {open && <EntryDetail key={open.number} entry={open} onClose={closeDetail} />}
      </div>
    </section>
  );
}

function passes(entry: Entry, { channel, text }: Filter): boolean {
  if (channel !== null && channelOf(entry) !== channel) return false;
  return text === '' || JSON.stringify(jsonOf(entry)).toLowerCase().includes(text.toLowerCase());
}

/** Takes the focus, and gives it back to where it was. */
function useFocusWhile(wanted: boolean) {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!wanted) return undefined;
    const before = document.activeElement;
    ref.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [wanted]);
  return ref;
}
