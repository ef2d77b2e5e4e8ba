// The page's side of the worker: it starts Python when a block is run, runs blocks, and can be stopped.

const here = (name) => new URL(name, import.meta.url);

export class Stopped extends Error {}

let worker = null; // and with it Python, and the names of the page
let ready; // a promise: that Python is there
let executed = []; // the sources that have run on the present names, in order
let parts; // files.json and run.py, kept: a new start asks for nothing again
let turn = Promise.resolve(); // one run after the other

// Run blocks [{title, source}], so that the names are those of exactly these blocks in this order: what has run so
// already is not run again.  `tell` hears {loaded, total}, {begins}, {printed, of}, {ended, error, seconds}, where
// the numbers are those of the blocks given.  The answer is whether all of them ran without an error.
export function run(blocks, tell) {
  turn = turn.catch(() => {}).then(() => runNow(blocks, tell));
  return turn;
}

// To end the worker is the only way to stop Python in it.  The next run starts a new one.
export function stop(reason = new Stopped()) {
  worker?.terminate();
  worker?.fail(reason);
  worker = null;
  executed = [];
}

async function runNow(blocks, tell) {
  if (!worker) start(tell);
  await ready;
  const sources = blocks.map((block) => block.source);
  const goesOn = executed.length < sources.length && executed.every((source, n) => source === sources[n]);
  const first = goesOn ? executed.length : 0;
  executed = sources.slice(0, first);
  let right = true;
  return new Promise((resolve, reject) => {
    worker.fail = reject;
    worker.onmessage = ({ data }) => {
      if (data.finished) return resolve(right);
      const n = first + (data.begins ?? data.of ?? data.ended);
      if ("begins" in data) tell({ begins: n });
      if ("printed" in data) tell({ printed: data.printed, of: n });
      if ("ended" in data) {
        tell({ ...data, ended: n });
        if (data.error) right = false;
        else executed.push(sources[n]);
      }
    };
    worker.postMessage({ run: blocks.slice(first), fresh: !goesOn });
  });
}

function start(tell) {
  let loaded = 0;
  worker = new Worker(here("worker.js"), { type: "module" });
  ready = new Promise((resolve, reject) => {
    worker.fail = reject;
    worker.onerror = (event) => stop(new Error(event.message || "the worker could not be started"));
    worker.onmessage = ({ data }) => {
      if (data.bytes) tell({ loaded: (loaded += data.bytes), total: parts.files.bytes });
      if (data.broken) stop(new Error(data.broken));
      if (data.ready) resolve();
    };
  });
  const started = worker;
  fetchParts().then(({ files, harness }) => {
    const [pyodide, lock] = [here(files.pyodide).href, here(files.lock).href];
    started.postMessage({ load: { pyodide, lock, harness } });
  }, stop);
}

async function fetchParts() {
  const get = (name) => fetch(here(name), { cache: "no-cache" });
  parts ??= { files: await (await get("files.json")).json(), harness: await (await get("run.py")).text() };
  return parts;
}
