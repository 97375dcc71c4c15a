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
  }

  export class BpmnModdle {
    fromXML(xml: string): Promise<{ rootElement: ModdleElement; warnings: ModdleWarning[] }>;
  }
}
