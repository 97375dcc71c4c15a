/** Characters of XML. The largest of the reference models from outside has 50,000. */
export const MAX_XML_LENGTH = 2_000_000;
/** Far beyond what tools write, and few enough for the parser to be done within a second. */
export const MAX_XML_TAGS = 30_000;
export const MAX_XML_DEPTH = 200;
export const MAX_XML_ATTRIBUTES = 300;
export const MAX_XML_NAMESPACES = 2_000;
/** Flow nodes and sequence flows together. */
export const MAX_MODEL_SIZE = 5_000;
/** Data outputs of all tasks together. */
export const MAX_OUTPUTS = 1_000;
export const MAX_CONDITION_LENGTH = 2_000;
/** All conditions of a model together. */
export const MAX_CONDITIONS_LENGTH = 200_000;

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
