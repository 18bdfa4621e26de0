// Live news of the inbox: how many alerts are new. It counts ids and never moves what is being read.
"use strict";

(() => {
  const bar = document.getElementById("live");
  if (!bar || !window.EventSource) {
    return;
  }
  const state = document.getElementById("live-state");
  const news = document.getElementById("live-news");
  const show = document.getElementById("live-show");
  const title = document.title;
  const fresh = new Set();
  const changed = new Set();
  const AGAIN = 5000; // milliseconds until a stream that was refused is asked for again
  let after = bar.dataset.after;
  let lostAt = null;

  function tell() {
    const parts = [];
    if (fresh.size) {
      parts.push(`${fresh.size} new`);
    }
    if (changed.size) {
      parts.push(`${changed.size} changed`);
    }
    news.textContent = parts.join(", ");
    show.hidden = parts.length === 0;
    const count = fresh.size + changed.size;
    document.title = count ? `(${count}) ${title}` : title;
  }

  function note(change) {
    const id = change.alert_id;
    if (change.kind === "created") {
      fresh.add(id);
      changed.delete(id);
    } else if (change.kind === "withdrawn") {
      fresh.delete(id);
      changed.delete(id);
    } else if (!fresh.has(id)) {
      changed.add(id);
    }
    tell();
  }

  function listen() {
    const source = new EventSource(`${bar.dataset.stream}&after=${after}`);
    source.onopen = () => {
      lostAt = null;
      state.textContent = "Live";
    };
    source.onmessage = (event) => {
      after = event.lastEventId;
      note(JSON.parse(event.data));
    };
    source.onerror = () => {
      lostAt = lostAt || new Date();
      const time = lostAt.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
      state.textContent = `Not live since ${time}`;
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(listen, AGAIN);
      }
    };
  }

  listen();
})();
