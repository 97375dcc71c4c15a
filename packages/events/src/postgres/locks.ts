/**
 * Keys of the advisory locks, which count within one database. Any numbers would do; that they are large keeps them
 * away from those that people choose by hand.
 */

/** Writers hold it shared while they ring by themselves; whoever holds or awaits it exclusively masks them all. */
export const DOORBELL = 7_381_260_945_113_001n;

/** Whose holder is the pump. */
export const PUMP = 7_381_260_945_113_002n;

/** Whose holder prunes the change log. */
export const PRUNE = 7_381_260_945_113_003n;
