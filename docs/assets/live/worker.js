// Python in a worker: it loads Pyodide, NumPy and deconvlib, and runs the blocks that the page sends.
//
//   page to worker    {load: {pyodide, lock, harness}}               once; harness is the text of run.py
//                     {run: [{title, source}, ...], fresh}           in order, until one fails
//   worker to page    {bytes}, while they arrive, then {ready: true} or {broken: message}
//                     {begins: n}, {printed, of: n}, {ended: n, error, seconds}, and {finished: true} at last

let newSession;
let session;

self.onmessage = ({ data }) => (data.load ? load(data.load) : run(data));

async function load({ pyodide, lock, harness }) {
  try {
    await keepWhatIsFetched(lock);
    const { loadPyodide } = await import(`${pyodide}pyodide.mjs`);
    const python = await loadPyodide({ indexURL: pyodide, lockFileURL: lock, packages: ["deconvlib"] });
    const names = python.toPy({});
    python.runPython(harness, { globals: names });
    newSession = names.get("Session");
    python.runPython("import deconvlib"); // so that the first block does not wait for it
    postMessage({ ready: true });
  } catch (error) {
    broken(error);
  }
}

function broken(error) {
  postMessage({ broken: String(error?.message ?? error) });
}

// Pyodide leaves it to nobody to hear that a file did not arrive.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  broken(event.reason);
});

function run({ run: blocks, fresh }) {
  if (fresh || !session) session = newSession();
  for (const [n, { title, source }] of blocks.entries()) {
    postMessage({ begins: n });
    const start = performance.now();
    const error = session.run(title, source, (printed) => postMessage({ printed, of: n }));
    postMessage({ ended: n, error, seconds: (performance.now() - start) / 1000 });
    if (error) break;
  }
  postMessage({ finished: true });
}

// What was fetched once is kept in the browser, for other pages, for a new start and for days without a network.  The
// lock file has a digest in its name, so that what belongs to another one can go.
async function keepWhatIsFetched(lock) {
  if (!self.caches) return; // the browser has none where a page came unencrypted, but from this machine
  for (const name of await caches.keys()) if (name.startsWith("live ") && name !== `live ${lock}`) caches.delete(name);
  const cache = await caches.open(`live ${lock}`);
  const plain = self.fetch;
  self.fetch = async (what, options) => {
    const kept = await cache.match(what);
    const response = kept ?? (await plain(what, options));
    if (!kept && response.ok) cache.put(what, response.clone()).catch(() => {}); // no room is no harm
    return counted(response);
  };
}

function counted(response) {
  const count = new TransformStream({
    transform(chunk, controller) {
      postMessage({ bytes: chunk.byteLength });
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(count), response);
}
