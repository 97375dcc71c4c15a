/**
 * The longest position that a client may send back: what some 2,800 writers open at once come to, with at most 8
 * transactions ended between two of them.
 */
export const LONGEST_POSITION = 2_048;
