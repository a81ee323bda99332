/**
 * One line that tells how far a piece of work is: rewritten in place on a terminal, a line for every news elsewhere, such as
 * in the log of a build server. Depends on nothing.
 */

/**
 * @param {string} what begins the line, such as `set-up: native addon`
 * @param {{ isTTY?: boolean, write(text: string): unknown }} [out]
 * @returns {{ show(news: string): void, end(news: string): void }} `show` tells the state, `end` the result
 */
export function progressLine(what, out = process.stdout) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  let shown = '';
  const rewrite = () => out.write(`\r\x1b[K${what}: ${shown}, ${seconds().toFixed(0)} s`);
  // The seconds run on between two pieces of news: nothing hangs. They alone keep no process alive.
  const timer = out.isTTY ? setInterval(() => shown && rewrite(), 1000) : undefined;
  timer?.unref();
  return {
    show(news) {
      if (news === shown) return;
      shown = news;
      if (out.isTTY) rewrite();
      else out.write(`${what}: ${news}\n`);
    },
    end(news) {
      clearInterval(timer);
      out.write(`${out.isTTY ? '\r\x1b[K' : ''}${what}: ${news}, ${seconds().toFixed(1)} s\n`);
    },
  };
}
