/** bpmn-moddle exports no types from its main entry; this is the part of it that reading needs. */
declare module 'bpmn-moddle' {
  export interface ModdleElement {
    readonly $type: string;
    readonly $attrs: Record<string, unknown>;
    readonly $parent?: ModdleElement;
    readonly $children?: ModdleElement[];
    readonly $instanceOf?: (type: string) => boolean;
    readonly [property: string]: unknown;
  }

  export interface ModdleWarning {
    message: string;
    /** The three of an unresolved reference. */
    property?: string;
    value?: string;
    element?: ModdleElement;
    /** Why a part of the file was dropped. */
    error?: Error;
  }

  /** What the reader collects while it parses. */
  export interface ReaderContext {
    warnings: ModdleWarning[];
    addWarning(warning: ModdleWarning): void;
  }

  export interface Reader {
    /** Makes what handles the root element; the reader gives it its context before it parses. */
    handler(type: string): { context?: ReaderContext };
  }

  /** Laid over the reader that is made for one file. */
  export interface ReaderOptions {
    handler(this: Reader, type: string): ReturnType<Reader['handler']>;
  }

  export class BpmnModdle {
    fromXML(
      xml: string,
      options?: ReaderOptions,
    ): Promise<{ rootElement: ModdleElement; warnings: ModdleWarning[] }>;
  }
}
