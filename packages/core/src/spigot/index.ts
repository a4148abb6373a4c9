export { piDigitBlocks, piDigits } from './pi-digits.ts';
