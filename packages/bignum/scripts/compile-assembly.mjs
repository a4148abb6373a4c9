/**
 * Compiles AssemblyScript for memory of 32 or 64 bits. The compiler knows both targets, its command line only the first, so its
 * functions are called one by one here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as compiler from 'assemblyscript';
import { libraryFiles } from 'assemblyscript/asc';
import binaryen from 'assemblyscript/binaryen';

const TARGETS = { 32: compiler.Target.Wasm32, 64: compiler.Target.Wasm64 };
const STUB_RUNTIME = 0;
/** The compiler's own name of the memory. */
const MEMORY = '0';
const FIRST_PAGES = 2;
const OPTIMIZE_LEVEL = 3;
const SHRINK_LEVEL = 0;

const FEATURES = [compiler.FEATURE_SIMD, compiler.FEATURE_RELAXED_SIMD, compiler.FEATURE_THREADS];

function optionsFor(addressBits, mostPages) {
  const options = compiler.newOptions();
  compiler.setTarget(options, TARGETS[addressBits]);
  compiler.setRuntime(options, STUB_RUNTIME);
  compiler.setNoAssert(options, true);
  compiler.setImportMemory(options, true);
  compiler.setExportMemory(options, false);
  compiler.setSharedMemory(options, true);
  compiler.setInitialMemory(options, FIRST_PAGES);
  compiler.setMaximumMemory(options, mostPages);
  compiler.setOptimizeLevelHints(options, OPTIMIZE_LEVEL, SHRINK_LEVEL);
  // No messages of failed assertions: they would be static data.
  compiler.addGlobalAlias(options, 'abort', '');
  for (const feature of FEATURES) compiler.setFeature(options, feature, true);
  if (addressBits === 64) compiler.setFeature(options, compiler.FEATURE_MEMORY64, true);
  return options;
}

/** The bytes of the module whose entry is `entry` in `folder`. */
export function compileAssembly(folder, entry, addressBits, mostPages) {
  const program = compiler.newProgram(optionsFor(addressBits, mostPages));
  for (const [path, text] of Object.entries(libraryFiles)) {
    if (!path.includes('/')) compiler.parse(program, text, `~lib/${path}.ts`, false);
  }
  compiler.parse(program, libraryFiles['rt/index-stub'], '~lib/rt/index-stub.ts', true);
  compiler.parse(program, readFileSync(join(folder, `${entry}.ts`), 'utf8'), `${entry}.ts`, true);
  for (let file = compiler.nextFile(program); file !== null; file = compiler.nextFile(program)) {
    const [path, text] = readSource(folder, file);
    compiler.parse(program, text, path, false);
  }
  refuseErrors(program);
  compiler.initializeProgram(program);
  const module = compiler.compile(program);
  refuseErrors(program);
  const wrapped = binaryen.wrapModule(compiler.getBinaryenModuleRef(module));
  if (addressBits === 64) declareWideMemory(wrapped, mostPages);
  if (!compiler.validate(module)) throw new Error('the compiler wrote an invalid module');
  compiler.optimize(module, OPTIMIZE_LEVEL, SHRINK_LEVEL, false, false);
  const { binary } = wrapped.emitBinary('');
  wrapped.dispose();
  return binary;
}

/** The compiler computes addresses of 64 bits but declares a memory of 32. */
function declareWideMemory(module, mostPages) {
  module.setMemory(FIRST_PAGES, mostPages, null, [], true, true, MEMORY);
  module.addMemoryImport(MEMORY, 'env', 'memory', true);
}

/** Path and text of an imported file: one of this package or, with the prefix `~lib/`, of the compiler's library. */
function readSource(folder, file) {
  if (!file.startsWith('~lib/')) {
    const path = `${file}.ts`;
    return [path, existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : null];
  }
  const name = file.slice('~lib/'.length);
  const found = name in libraryFiles ? name : `${name}/index`;
  return [`~lib/${found}.ts`, libraryFiles[found] ?? null];
}

function refuseErrors(program) {
  const messages = [];
  for (let next = compiler.nextDiagnostic(program); next !== null; next = compiler.nextDiagnostic(program)) {
    if (compiler.isError(next)) messages.push(compiler.formatDiagnostic(next, false, true));
  }
  if (messages.length > 0) throw new Error(messages.join('\n'));
}
