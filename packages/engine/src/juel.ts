/**
 * Translates the expressions of `${...}` (JUEL) to FEEL: comparisons, logic and arithmetic on variables and their
 * properties, in JUEL's precedence. Method calls, indexes and anything else: null.
 */
export function juelToFeel(source: string, nameOf: (identifier: string) => string): string | null {
  const tokens = tokenize(source);
  if (!tokens) return null;
  const parser = new Parser(tokens, nameOf);
  try {
    return parser.parse();
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

interface Token {
  kind: 'number' | 'string' | 'name' | 'operator' | 'end';
  text: string;
}

class Unreadable extends Error {}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*")|([\p{L}_][\p{L}\p{N}_]*)|(&&|\|\||==|!=|<>|<=|>=|[<>=!()+\-*/%?:.]))/uy;
const KINDS = ['number', 'string', 'name', 'operator'] as const;

/** Words that are operators in JUEL (and in what people write by hand, in capitals). */
const WORDS = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', 'not'],
  ['eq', '=='],
  ['ne', '!='],
  ['lt', '<'],
  ['gt', '>'],
  ['le', '<='],
  ['ge', '>='],
  ['div', '/'],
  ['mod', '%'],
  ['empty', 'empty'],
]);

function tokenize(source: string): Token[] | null {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(source);
    if (!match) return null;
    const index = match.slice(1).findIndex((group) => group !== undefined);
    const kind = KINDS[index] ?? 'end';
    const text = match[index + 1] ?? '';
    const afterDot = tokens.at(-1)?.text === '.';
    const word = kind === 'name' && !afterDot ? WORDS.get(text.toLowerCase()) : undefined;
    tokens.push(word ? { kind: 'operator', text: word } : { kind, text });
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

const EQUALITY = new Map([
  ['==', '='],
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
]);
const ORDER = new Map([
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);
const LITERALS = new Map([
  ['true', 'true'],
  ['false', 'false'],
  ['null', 'null'],
  ['none', 'null'],
]);

const MAX_NESTED = 200;

class Parser {
  readonly #tokens: Token[];
  readonly #nameOf: (identifier: string) => string;
  #position = 0;
  #nested = 0;

  constructor(tokens: Token[], nameOf: (identifier: string) => string) {
    this.#tokens = tokens;
    this.#nameOf = nameOf;
  }

  parse(): string {
    const result = this.#conditional();
    if (this.#peek().kind !== 'end') throw new Unreadable();
    return result;
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '' };
  }

  #operator(...texts: string[]): string | null {
    const token = this.#peek();
    if (token.kind !== 'operator' || !texts.includes(token.text)) return null;
    this.#position += 1;
    return token.text;
  }

  #expect(text: string): void {
    if (this.#operator(text) === null) throw new Unreadable();
  }

  #conditional(): string {
    this.#deeper();
    const condition = this.#or();
    if (this.#operator('?') === null) return condition;
    const yes = this.#conditional();
    this.#expect(':');
    return `(if ${condition} then ${yes} else ${this.#conditional()})`;
  }

  /** Parentheses and signs recurse: a bound for them all together keeps the stack small. */
  #deeper(): void {
    this.#nested += 1;
    if (this.#nested > MAX_NESTED) throw new Unreadable();
  }

  #or(): string {
    let left = this.#and();
    while (this.#operator('||') !== null) left = `(${left} or ${this.#and()})`;
    return left;
  }

  #and(): string {
    let left = this.#comparison(EQUALITY);
    while (this.#operator('&&') !== null) left = `(${left} and ${this.#comparison(EQUALITY)})`;
    return left;
  }

  #comparison(operators: Map<string, string>): string {
    const next = () => (operators === EQUALITY ? this.#comparison(ORDER) : this.#sum());
    const wordNot = this.#peek().text === 'not' && this.#tokens[this.#position + 1]?.text !== '(';
    const left = next();
    const operator = this.#operator(...operators.keys());
    if (operator === null) return left;
    // `not a == b` is (not a) == b in JUEL and not (a == b) in Python: we do not guess.
    if (wordNot) throw new Unreadable();
    return `(${left} ${operators.get(operator)} ${next()})`;
  }

  #sum(): string {
    let left = this.#product();
    for (let op = this.#operator('+', '-'); op !== null; op = this.#operator('+', '-')) {
      left = `(${left} ${op} ${this.#product()})`;
    }
    return left;
  }

  #product(): string {
    let left = this.#unary();
    for (let op = this.#operator('*', '/', '%'); op !== null; op = this.#operator('*', '/', '%')) {
      const right = this.#unary();
      left = op === '%' ? `modulo(${left}, ${right})` : `(${left} ${op} ${right})`;
    }
    return left;
  }

  #unary(): string {
    const operator = this.#operator('!', 'not', '-', 'empty');
    if (operator === null) return this.#primary();
    this.#deeper();
    if (operator === 'empty') {
      // Only of a variable, as in every model seen; anything longer a person may judge.
      if (this.#peek().kind !== 'name') throw new Unreadable();
      return `(${this.#primary()} in (null, "", []))`;
    }
    return operator === '-' ? `(-${this.#unary()})` : `not(${this.#unary()})`;
  }

  #primary(): string {
    if (this.#operator('(') !== null) {
      const inner = this.#conditional();
      this.#expect(')');
      return `(${inner})`;
    }
    const token = this.#peek();
    this.#position += 1;
    if (token.kind === 'number' || token.kind === 'string') return token.text;
    if (token.kind !== 'name') throw new Unreadable();
    const literal = LITERALS.get(token.text.toLowerCase());
    return literal ?? this.#path(token.text);
  }

  #path(root: string): string {
    let path = this.#nameOf(root);
    while (this.#operator('.') !== null) {
      const property = this.#peek();
      if (property.kind !== 'name') throw new Unreadable();
      this.#position += 1;
      path = `${path}.${property.text}`;
    }
    if (this.#peek().text === '(') throw new Unreadable();
    return path;
  }
}
