/**
 * Writes the inner loops of the FFT as AssemblyScript.
 *
 * Data are vectors of two complex numbers, `re re` and `im im`, one lane for each of the two subtrees under the first split.
 * The loops come in two layouts of the same arithmetic:
 *  - narrow: `re im re im`, one vector a step;
 *  - wide: `re re im im`, two vectors a step, which V8's revectoriser fuses into 256-bit instructions.
 *
 * Butterflies are decimation in frequency over the tree of x^n - w factors: a node with root s splits x^(4q) - s^4 into its four
 * children, so outputs are in bit-reversed order, twiddles depend on the node alone and no weight pass is needed.
 * With w = s*s, s3 = s*w:   y0,y1 = (a0 + w a2) +- (s a1 + s3 a3),   y2,y3 = (a0 - w a2) +- i (s a1 - s3 a3).
 */

/** One way to keep vectors: names of the halves that a step handles, where they lie, and the bytes a step advances. */
export const NARROW = {
  halves: [''],
  re: [0],
  im: [16],
  stepBytes: 32,
  neighbours: [0, 32, 64, 96],
  imOffset: 16,
};
export const WIDE = {
  halves: ['L', 'H'],
  re: [0, 16],
  im: [32, 48],
  stepBytes: 64,
  neighbours: [0, 16, 64, 80],
  imOffset: 32,
};

/**
 * Statement builders for complex values held in variables `<name>r<half>`, `<name>i<half>`. The halves of a component always stand
 * side by side, as V8's revectoriser wants them.
 */
function statements({ halves, re, im }) {
  const each = (real, imaginary) => [...halves.map(real), ...halves.map(imaginary)].join('\n    ');
  const define = (o, real, imaginary) =>
    each(
      (h) => `const ${o}r${h} = ${real(h)};`,
      (h) => `const ${o}i${h} = ${imaginary(h)};`,
    );
  const mul = (a, b) => `f64x2.mul(${a}, ${b})`;
  const madd = (a, b, c) => `f64x2.relaxed_madd(${a}, ${b}, ${c})`;
  const nmadd = (a, b, c) => `f64x2.relaxed_nmadd(${a}, ${b}, ${c})`;
  const sum = (a, b) => `f64x2.add(${a}, ${b})`;
  const difference = (a, b) => `f64x2.sub(${a}, ${b})`;
  return {
    load: (v, ptr, offset) =>
      each(
        (h, x) => `const ${v}r${h} = v128.load(${ptr}, ${offset + re[x]});`,
        (h, x) => `const ${v}i${h} = v128.load(${ptr}, ${offset + im[x]});`,
      ),
    /** The upper half first: where the lower one comes first V8 fuses both and writes the lower one besides. */
    store: (v, ptr, offset) =>
      [re, im]
        .flatMap((places, component) =>
          halves
            .map((h, x) => `v128.store(${ptr}, ${v}${'ri'[component]}${h}, ${offset + places[x]});`)
            .reverse(),
        )
        .join('\n    '),
    add: (o, a, b) =>
      define(
        o,
        (h) => sum(`${a}r${h}`, `${b}r${h}`),
        (h) => sum(`${a}i${h}`, `${b}i${h}`),
      ),
    sub: (o, a, b) =>
      define(
        o,
        (h) => difference(`${a}r${h}`, `${b}r${h}`),
        (h) => difference(`${a}i${h}`, `${b}i${h}`),
      ),
    /** o = a + i b */
    addI: (o, a, b) =>
      define(
        o,
        (h) => difference(`${a}r${h}`, `${b}i${h}`),
        (h) => sum(`${a}i${h}`, `${b}r${h}`),
      ),
    /** o = a - i b */
    subI: (o, a, b) =>
      define(
        o,
        (h) => sum(`${a}r${h}`, `${b}i${h}`),
        (h) => difference(`${a}i${h}`, `${b}r${h}`),
      ),
    /** o = a w, the twiddle w shared by all halves */
    twist: (o, a, w) =>
      define(
        o,
        (h) => nmadd(`${a}i${h}`, `${w}i`, mul(`${a}r${h}`, `${w}r`)),
        (h) => madd(`${a}i${h}`, `${w}r`, mul(`${a}r${h}`, `${w}i`)),
      ),
    /** o = a conj(w) */
    untwist: (o, a, w) =>
      define(
        o,
        (h) => madd(`${a}i${h}`, `${w}i`, mul(`${a}r${h}`, `${w}r`)),
        (h) => nmadd(`${a}r${h}`, `${w}i`, mul(`${a}i${h}`, `${w}r`)),
      ),
    /** o = a b */
    multiply: (o, a, b) =>
      define(
        o,
        (h) => nmadd(`${a}i${h}`, `${b}i${h}`, mul(`${a}r${h}`, `${b}r${h}`)),
        (h) => madd(`${a}i${h}`, `${b}r${h}`, mul(`${a}r${h}`, `${b}i${h}`)),
      ),
    /** o = a b + c */
    multiplyAdd: (o, a, b, c) =>
      define(
        o,
        (h) => nmadd(`${a}i${h}`, `${b}i${h}`, madd(`${a}r${h}`, `${b}r${h}`, `${c}r${h}`)),
        (h) => madd(`${a}i${h}`, `${b}r${h}`, madd(`${a}r${h}`, `${b}i${h}`, `${c}i${h}`)),
      ),
    scale: (o, a, factor) =>
      define(
        o,
        (h) => mul(`${a}r${h}`, factor),
        (h) => mul(`${a}i${h}`, factor),
      ),
  };
}

const loadTwiddles = `const sr = v128.load(tw), si = v128.load(tw, 16), wr = v128.load(tw, 32), wi = v128.load(tw, 48);
  const zr = f64x2.relaxed_nmadd(si, wi, f64x2.mul(sr, wr)), zi = f64x2.relaxed_madd(si, wr, f64x2.mul(sr, wi));`;

const lines = (...parts) => parts.join('\n    ');

/** Radix-4 butterflies on the four places `at[i] = [pointer, offset]`. */
function forward4(s, at) {
  return lines(
    s.load('a1', ...at[1]),
    s.load('a3', ...at[3]),
    s.twist('b1', 'a1', 's'),
    s.twist('b3', 'a3', 'z'),
    s.add('t2', 'b1', 'b3'),
    s.sub('t3', 'b1', 'b3'),
    s.load('a0', ...at[0]),
    s.load('a2', ...at[2]),
    s.twist('b2', 'a2', 'w'),
    s.add('t0', 'a0', 'b2'),
    s.sub('t1', 'a0', 'b2'),
    s.add('y0', 't0', 't2'),
    s.sub('y1', 't0', 't2'),
    s.addI('y2', 't1', 't3'),
    s.subI('y3', 't1', 't3'),
    ...[0, 1, 2, 3].map((i) => s.store(`y${i}`, ...at[i])),
  );
}

function inverse4(s, at) {
  return lines(
    s.load('y0', ...at[0]),
    s.load('y1', ...at[1]),
    s.add('t0', 'y0', 'y1'),
    s.sub('u', 'y0', 'y1'),
    s.load('y2', ...at[2]),
    s.load('y3', ...at[3]),
    s.add('t1', 'y2', 'y3'),
    s.sub('v', 'y2', 'y3'),
    s.add('c0', 't0', 't1'),
    s.sub('c2', 't0', 't1'),
    s.subI('c1', 'u', 'v'),
    s.addI('c3', 'u', 'v'),
    s.untwist('d1', 'c1', 's'),
    s.untwist('d2', 'c2', 'w'),
    s.untwist('d3', 'c3', 'z'),
    s.store('c0', ...at[0]),
    s.store('d1', ...at[1]),
    s.store('d2', ...at[2]),
    s.store('d3', ...at[3]),
  );
}

/** A pass over columns [from, to) of four rows of `q` vectors each, all under one node. */
const rowPass = (name, butterfly, layout) => `
export function ${name}(ptr: usize, q: usize, tw: usize, from: usize, to: usize): void {
  ${loadTwiddles}
  const row = q << 5;
  let p0 = ptr + (from << 5), p1 = p0 + row, p2 = p1 + row, p3 = p2 + row;
  const end = ptr + (to << 5);
  while (p0 < end) {
    ${butterfly(
      statements(layout),
      ['p0', 'p1', 'p2', 'p3'].map((p) => [p, 0]),
    )}
    p0 += ${layout.stepBytes}; p1 += ${layout.stepBytes}; p2 += ${layout.stepBytes}; p3 += ${layout.stepBytes};
  }
}`;

/** A pass over `count` vectors in groups of 16 (rows of four), one node a group. */
const groupPass = (name, butterfly, layout) => `
export function ${name}(ptr: usize, count: usize, tw: usize): void {
  const end = ptr + (count << 5);
  while (ptr < end) {
    ${loadTwiddles}
    const rowEnd = ptr + 128;
    while (ptr < rowEnd) {
    ${butterfly(
      statements(layout),
      [0, 128, 256, 384].map((offset) => ['ptr', offset]),
    )}
    ptr += ${layout.stepBytes};
    }
    ptr += 384; tw += 64;
  }
}`;

/** A pass over `count` vectors in groups of four neighbours, one node a group. */
const neighbourPass = (name, butterfly, layout) => {
  const single = { halves: [''], re: [0], im: [layout.imOffset] };
  return `
export function ${name}(ptr: usize, count: usize, tw: usize): void {
  const end = ptr + (count << 5);
  while (ptr < end) {
    ${loadTwiddles}
    ${butterfly(
      statements(single),
      layout.neighbours.map((offset) => ['ptr', offset]),
    )}
    ptr += 128; tw += 64;
  }
}`;
};

function radix2(layout) {
  const s = statements(layout);
  const pass = (name, body) => `
export function ${name}(ptr: usize, q: usize, tw: usize, from: usize, to: usize): void {
  const sr = v128.load(tw), si = v128.load(tw, 16);
  let p0 = ptr + (from << 5), p1 = p0 + (q << 5);
  const end = ptr + (to << 5);
  while (p0 < end) {
    ${body}
    p0 += ${layout.stepBytes}; p1 += ${layout.stepBytes};
  }
}`;
  const read = [s.load('a0', 'p0', 0), s.load('a1', 'p1', 0)];
  const write = [s.store('y0', 'p0', 0), s.store('y1', 'p1', 0)];
  return (
    pass(
      'forwardPass2',
      lines(...read, s.twist('b1', 'a1', 's'), s.add('y0', 'a0', 'b1'), s.sub('y1', 'a0', 'b1'), ...write),
    ) +
    pass(
      'inversePass2',
      lines(...read, s.add('y0', 'a0', 'a1'), s.sub('b1', 'a0', 'a1'), s.untwist('y1', 'b1', 's'), ...write),
    )
  );
}

/** Products in the transform domain, scaled; `args` are the operands besides `a`, the result replaces `a`. */
function pointwise(layout) {
  const s = statements(layout);
  const loop = (name, args, body) => `
export function ${name}(a: usize, ${args.map((arg) => `${arg}: usize, `).join('')}count: usize, factor: f64): void {
  const scale = f64x2.splat(factor);
  const end = a + (count << 5);
  while (a < end) {
    ${body}
    a += ${layout.stepBytes};${args.map((arg) => ` ${arg} += ${layout.stepBytes};`).join('')}
  }
}`;
  return (
    loop(
      'pointProduct',
      ['b'],
      lines(
        s.load('x', 'a', 0),
        s.load('u', 'b', 0),
        s.scale('y', 'u', 'scale'),
        s.multiply('o', 'x', 'y'),
        s.store('o', 'a', 0),
      ),
    ) +
    loop(
      'pointSquare',
      [],
      lines(s.load('x', 'a', 0), s.scale('y', 'x', 'scale'), s.multiply('o', 'x', 'y'), s.store('o', 'a', 0)),
    ) +
    loop(
      'pointProductSum',
      ['b', 'c', 'd'],
      lines(
        s.load('x', 'a', 0),
        s.load('u', 'b', 0),
        s.multiply('p', 'x', 'u'),
        s.load('v', 'c', 0),
        s.load('z', 'd', 0),
        s.multiplyAdd('q', 'v', 'z', 'p'),
        s.scale('o', 'q', 'scale'),
        s.store('o', 'a', 0),
      ),
    )
  );
}

/** The whole module for one layout. */
export function fftPasses(layout) {
  return [
    '// Written by scripts/build-wasm.mjs; change scripts/fft-passes.mjs instead.',
    '/** Byte offsets of the second real, first and second imaginary vector in a pair of vectors. */',
    `export const SECOND_RE: usize = ${layout === WIDE ? 16 : 32};`,
    `export const FIRST_IM: usize = ${layout.imOffset};`,
    'export const SECOND_IM: usize = 48;',
    rowPass('forwardPass', forward4, layout),
    rowPass('inversePass', inverse4, layout),
    groupPass('forwardGroups', forward4, layout),
    groupPass('inverseGroups', inverse4, layout),
    neighbourPass('forwardNeighbours', forward4, layout),
    neighbourPass('inverseNeighbours', inverse4, layout),
    radix2(layout),
    pointwise(layout),
    '',
  ].join('\n');
}
