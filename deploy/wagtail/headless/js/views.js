// What is shown, as DOM: texts of the API never become markup.

import { POSTS_PER_PAGE, address } from "./api.js";

export function element(name, properties = {}, ...children) {
  const { data = {}, ...others } = properties;
  const made = Object.assign(document.createElement(name), others);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

const link = (href, text) => element("a", { href }, text);

export function listOfPosts({ meta, items }, page, popular) {
  const pages = Math.ceil(meta.total_count / POSTS_PER_PAGE);
  const entries = items.map((post) =>
    element(
      "article",
      { data: { post: post.id } },
      element("h2", {}, link(`#/posts/${post.id}`, post.title)),
      element("p", {}, post.intro),
    ),
  );
  const nav = element("nav", {}, `Page ${page} of ${pages}`);
  if (page > 1) nav.append(link(`#/page/${page - 1}`, "Newer"));
  if (page < pages) nav.append(link(`#/page/${page + 1}`, "Older"));
  return [...entries, nav, mostRead(popular)];
}

function mostRead({ posts }) {
  const items = posts.map((post) => element("li", {}, link(`#/posts/${post.id}`, post.title), ` ${post.views} views`));
  return element("aside", { id: "popular" }, element("h2", {}, "Most read this month"), element("ol", {}, ...items));
}

export async function onePost(post, source) {
  const about = [post.author, post.date].filter(Boolean).join(", ");
  const article = element(
    "article",
    { className: source, data: { post: post.id, source } },
    element("h1", {}, post.title),
    element("p", { className: "about" }, source === "draft" ? `Draft. ${about}` : about),
    element("p", {}, post.intro ?? ""),
  );
  if (post.image_card) {
    article.append(element("img", { src: await address(post.image_card.url), alt: post.image_card.alt }));
  }
  for (const block of Array.isArray(post.body) ? post.body : []) article.append(...blocks(block));
  return [article];
}

function blocks({ type, value }) {
  switch (type) {
    case "heading":
      return [element("h2", {}, value)];
    case "quote":
      return [element("blockquote", {}, value)];
    case "paragraph":
      return paragraphs(value);
    default: // a picture is known by its number only
      return [];
  }
}

function paragraphs(richText) {
  const parsed = new DOMParser().parseFromString(richText, "text/html");
  return [...parsed.querySelectorAll("p, li")].map((part) => element("p", {}, part.textContent));
}

export const failure = (error) => [element("p", { className: "failure", role: "alert" }, `Not available: ${error.message}`)];
