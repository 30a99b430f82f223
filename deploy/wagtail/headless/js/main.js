// The routes, all behind the `#`: posts page by page, one post, and a draft for who has its token.

import * as api from "./api.js";
import { failure, listOfPosts, onePost } from "./views.js";

const routes = [
  [/^#\/posts\/(\d+)$/, async (id) => onePost(await api.post(id), "live")],
  [/^#\/preview\/(.+)$/, async (token) => onePost(await api.draft(token), "draft")],
  [/^(?:#\/page\/(\d+)|#?\/?)$/, async (number) => list(Number(number ?? 1))],
];

async function list(page) {
  const [posts, popular] = await Promise.all([api.posts(page), api.popular()]);
  return listOfPosts(posts, page, popular);
}

async function view(hash) {
  for (const [pattern, show] of routes) {
    const match = hash.match(pattern);
    if (match) return show(...match.slice(1));
  }
  throw new Error("no such page");
}

async function show() {
  const { hash } = location;
  const shown = await view(hash).catch(failure);
  if (hash !== location.hash) return; // somebody clicked while this was on its way
  const main = document.querySelector("main");
  main.replaceChildren(...shown);
  main.dataset.shown = hash || "#/";
}

addEventListener("hashchange", show);
show();
