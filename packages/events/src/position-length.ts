/** The longest position that a client may send back: what some 2,500 writers open at once come to. */
export const LONGEST_POSITION = 2_048;
