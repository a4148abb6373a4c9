/** The part of WebAssembly's JavaScript interface that is used here; the browser's type library would bring the DOM with it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(
      descriptor: { shared: true } & (
        | { initial: number; maximum: number }
        | { address: 'i64'; initial: bigint; maximum: bigint }
      ),
    );
    readonly buffer: SharedArrayBuffer;
  }
  function validate(bytes: Uint8Array): boolean;
}
