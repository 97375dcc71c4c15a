/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Each channel's contract version at the time of the build; see vite.config.ts. Unknown in tests. */
  readonly CONTRACT?: Readonly<Record<string, string>>;
}
