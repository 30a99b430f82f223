// Counts this reader of a thread. The page may come from a cache; this request goes to the forum itself.
for (const thread of document.querySelectorAll("[data-seen]")) {
  fetch(thread.dataset.seen, { method: "POST", credentials: "omit", keepalive: true }).catch(() => {});
}
