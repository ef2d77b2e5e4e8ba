/* The index of the search weighs more than a page: it is asked for when somebody turns to the search, not before. */
(() => {
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...others) {
    this.ofSearch = String(url).endsWith("search/search_index.json");
    return open.call(this, method, url, ...others);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (!this.ofSearch || new URLSearchParams(location.search).has("q")) return send.call(this, body);
    const events = ["focusin", "pointerover", "touchstart"];
    const turned = (event) => {
      if (!event.target.closest("[data-md-component=search], [for=__search]")) return;
      for (const name of events) document.removeEventListener(name, turned);
      send.call(this, body);
    };
    for (const name of events) document.addEventListener(name, turned, { passive: true });
  };
})();
