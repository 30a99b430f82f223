// Fills the "most read" list. A failure leaves it hidden: the page does not need it.
for (const box of document.querySelectorAll("[data-popular]")) {
  fetch(box.dataset.popular)
    .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
    .then(({ posts }) => {
      for (const post of posts) {
        const link = document.createElement("a");
        link.href = post.url;
        link.textContent = post.title;
        const views = document.createElement("span");
        views.className = "count";
        views.textContent = `${post.views} views`;
        const item = document.createElement("li");
        item.append(link, " ", views);
        box.querySelector("ol").append(item);
      }
      box.hidden = posts.length === 0;
    })
    .catch(() => {});
}
