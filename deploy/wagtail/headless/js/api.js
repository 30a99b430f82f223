// The API of the site, read through Larder. No cookie goes with a request: this page is on another origin.

let base;

async function baseUrl() {
  base ??= (await (await fetch("config.json")).json()).api;
  return base;
}

async function get(path, query = {}, options = {}) {
  const url = new URL(path, await baseUrl());
  url.search = new URLSearchParams(query);
  const response = await fetch(url, { credentials: "omit", ...options });
  if (!response.ok) {
    throw new Error(`${response.status} ${response.statusText}`);
  }
  return response.json();
}

export const POSTS_PER_PAGE = 10;

export const posts = (page) => get("/api/v2/blog-posts/", { page, limit: POSTS_PER_PAGE, locale: "en" });
export const post = (id) => get(`/api/v2/blog-posts/${id}/`);
export const popular = () => get("/api/v2/blog-posts/popular/", { limit: 5, days: 30 });

// A draft is for the holder of the token: nothing on the way may keep it. The extra field makes the browser ask the
// site first (a preflight) whether this origin may read it.
export const draft = (token) =>
  get("/api/v2/page_preview/", { token }, { cache: "no-store", headers: { "X-Requested-With": "headless" } });

export const address = async (path) => new URL(path, await baseUrl()).href;
