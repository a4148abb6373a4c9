/** The digits of the fraction, block by block, and whether they are certain. Leader. */
import { blockDigits, blockStart, blockText, nextBlock, openConversion } from './conversion';
import { conversionHolds } from './conversion-certificate';
import { DIGITS_ADDRESS, DOUBTFUL_DIGITS } from './memory-map';
import { askedDigits, GUARD_DIGITS, treeFraction, wantedDigits } from './pi-stages';
import { takeInJoined } from './team';

const CERTAIN_GUARD_DIGITS: usize = GUARD_DIGITS - 2;

/**
 * Begins the conversion at the block that has decimal `from`; with `certify`, at the first. Returns where that block begins.
 * The digits of a block are the fraction's, and right unless `isDoubtful` says otherwise.
 */
export function openDecimals(from: usize, certify: usize): usize {
  takeInJoined();
  const fraction = treeFraction();
  atomic.store<i32>(DOUBTFUL_DIGITS, 0);
  return openConversion(fraction, wantedDigits(), from, certify !== 0);
}

/** Writes the next block's ASCII digits, stores their address at DIGITS_ADDRESS and returns how many there are; 0 when all are done. */
export function writeDecimals(): usize {
  const digits = nextBlock();
  if (digits === 0) return 0;
  store<u64>(DIGITS_ADDRESS, <u64>blockText());
  return digits;
}

/** Whether the digits just written are in doubt and must not be handed out: more have to be computed to decide. */
export function isDoubtful(): usize {
  if (atomic.load<i32>(DOUBTFUL_DIGITS) !== 0) return 1;
  // Where a block ends within the guard digits, the watch at its end has decided already.
  const asked = askedDigits();
  const inBlock = asked >= blockStart() && asked + CERTAIN_GUARD_DIGITS <= blockStart() + blockDigits();
  return inBlock && onlyNines(blockText() + asked - blockStart()) ? 1 : 0;
}

/** Whether the guard digits but the last two are nines: the error could then carry into the digits before. */
function onlyNines(text: usize): bool {
  for (let i: usize = 0; i < CERTAIN_GUARD_DIGITS; i++) {
    if (load<u8>(text + i) !== 57) return false;
  }
  return true;
}

/** After the last block of a certified conversion: 1 when the text is the fraction's, by a residue of the whole. */
export function certifyDecimals(): usize {
  return conversionHolds() ? 1 : 0;
}
