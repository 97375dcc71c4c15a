import {
  IconAlertTriangleFilled,
  IconBan,
  IconCheck,
  IconExclamationCircle,
  IconHourglassHigh,
  IconMapPin,
  IconUser,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

import type { MarkState } from './marks.ts';

interface MarkWords {
  /** In the legend and before a step's details. */
  label: string;
  Icon: ComponentType<{ size?: number | string; stroke?: number | string; 'aria-hidden'?: boolean }>;
}

/** Every state has a word and an icon of its own: colour alone tells nobody. */
export const MARK_WORDS: Record<MarkState, MarkWords> = {
  problem: { label: 'Problem', Icon: IconExclamationCircle },
  incident: { label: 'Stuck', Icon: IconAlertTriangleFilled },
  active: { label: 'Waiting for a person', Icon: IconUser },
  waiting: { label: 'Waiting for other branches', Icon: IconHourglassHigh },
  done: { label: 'Done', Icon: IconCheck },
  cancelled: { label: 'Cancelled', Icon: IconBan },
  here: { label: 'This task', Icon: IconMapPin },
};
