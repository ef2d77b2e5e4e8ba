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
    countBytes();
    const { loadPyodide } = await import(`${pyodide}pyodide.mjs`);
    const python = await loadPyodide({ indexURL: pyodide, lockFileURL: lock, packages: ["deconvlib"] });
    const names = python.toPy({});
    python.runPython(harness, { globals: names });
    newSession = names.get("Session");
    python.runPython("import deconvlib"); // so that the first block does not wait for it
    postMessage({ ready: true });
  } catch (error) {
    postMessage({ broken: String(error?.message ?? error) });
  }
}

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

// What Pyodide fetches has a version or a digest in its name: once fetched, it is taken from the browser's cache.
function countBytes() {
  const plain = self.fetch;
  self.fetch = async (what, options) => {
    const response = await plain(what, { ...options, cache: "force-cache" });
    const counted = new TransformStream({
      transform(chunk, controller) {
        postMessage({ bytes: chunk.byteLength });
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(counted), response);
  };
}
