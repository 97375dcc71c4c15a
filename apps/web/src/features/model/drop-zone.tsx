import { Center, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState, type DragEvent, type ReactNode } from 'react';

import classes from './drop-zone.module.css';

interface DropZoneProps {
  onFiles(files: File[]): void;
  children: ReactNode;
}

/** Model files can be dropped anywhere on the page. */
export function DropZone({ onFiles, children }: DropZoneProps) {
  // Enter and leave come for every element inside; only their balance tells.
  const [depth, setDepth] = useState(0);
  const withFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return (
    <div
      className={classes.zone}
      onDragEnter={(event) => withFiles(event) && setDepth((before) => before + 1)}
      onDragLeave={(event) => withFiles(event) && setDepth((before) => Math.max(0, before - 1))}
      onDragOver={(event) => withFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!withFiles(event)) return;
        event.preventDefault();
        setDepth(0);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {depth > 0 && (
        <Center className={classes.cover}>
          <IconUpload aria-hidden />
          <Text fw={600} ml="sm">
            Drop .bpmn files to upload them
          </Text>
        </Center>
      )}
    </div>
  );
}
