/** Where time and memory go: recording operators, and the table of them. */
export * from './arithmetic.js';
export * from './profile.js';
export * from './table.js';
