/** Characters of XML. The largest of the reference models from outside has 50,000. */
export const MAX_XML_LENGTH = 2_000_000;
/** Three times what a process of 300 steps has with its drawing, and read within half a second. */
export const MAX_XML_TAGS = 12_000;
export const MAX_XML_DEPTH = 200;
export const MAX_XML_ATTRIBUTES = 300;
export const MAX_XML_NAMESPACES = 2_000;
/** With the limit below: the parser counts the lines before every part it drops. */
export const MAX_XML_LINES = 50_000;
/** Parts the parser drops. */
export const MAX_LOST_PARTS = 300;
/** Flow nodes and sequence flows together. */
export const MAX_MODEL_SIZE = 5_000;
/** Data outputs of all tasks together. */
export const MAX_OUTPUTS = 1_000;
/** What is no FEEL takes its parser longer than in proportion. */
export const MAX_CONDITION_LENGTH = 1_000;
/** All conditions of a model together. */
export const MAX_CONDITIONS_LENGTH = 20_000;

/** Beyond so many, further problems help nobody. */
export const MAX_PROBLEMS = 200;

export const MAX_VARIABLES = 500;
export const MAX_VARIABLE_NAME_LENGTH = 200;
/** All of an instance's variables together, as JSON. */
export const MAX_VARIABLES_LENGTH = 256 * 1024;
export const MAX_VARIABLE_DEPTH = 20;

/**
 * How many gateways one command may fire. A loop of gateways without a task would turn for ever; beyond this it
 * becomes an incident that keeps its tokens. Each retry has the same allowance again.
 */
export const MAX_MOVES = 1_000;
/** Beyond this many open elements gateways stop firing too, so that a forking loop cannot fill the memory. */
export const MAX_OPEN = 10_000;
