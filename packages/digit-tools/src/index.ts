export { type DigitStatistics, digitStatistics } from './digit-statistics.ts';
export { type SearchOptions, type SearchResult, searchDigits } from './search-digits.ts';
