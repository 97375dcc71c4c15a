import { CheckIcon, ColorSwatch, Group, Radio, UnstyledButton, VisuallyHidden } from '@mantine/core';

import { ROLE_COLOURS } from '../../theme.ts';
import classes from './colour-choice.module.css';

/** A role's colour: one of the theme's, by name for those who do not see it. */
export function ColourChoice({ value, onChange }: { value: string; onChange: (colour: string) => void }) {
  return (
    <Radio.Group label="Colour" value={value} onChange={onChange}>
      <Group gap={6} mt={6}>
        {ROLE_COLOURS.map((colour) => (
          <UnstyledButton component="label" key={colour} className={classes.choice ?? ''}>
            <VisuallyHidden>
              <input
                type="radio"
                name="colour"
                value={colour}
                checked={value === colour}
                onChange={() => onChange(colour)}
                aria-label={colour}
              />
            </VisuallyHidden>
            <ColorSwatch
              color={`var(--mantine-color-${colour}-filled)`}
              size={26}
              withShadow={false}
              aria-hidden
            >
              {value === colour && <CheckIcon size={12} color="var(--mantine-color-white)" />}
            </ColorSwatch>
          </UnstyledButton>
        ))}
      </Group>
    </Radio.Group>
  );
}
