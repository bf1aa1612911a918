"use strict";
// Elements are made here and nowhere else. Texts only ever become text nodes: there is no innerHTML in this program.

const RELATIONS = ["exact", "same_text", "near", "syndicated", "rewrite", "excerpt", "quote", "template", "none"];
const RELATION_WORDS = {
  exact: "the same characters",
  same_text: "the same words; case, accents, punctuation or space differ",
  near: "nearly all words the same",
  syndicated: "the same body in other surroundings",
  rewrite: "the same article re-worded",
  excerpt: "one text holds a part of the other",
  quote: "only quotations or boilerplate in common",
  template: "the same form with other facts",
  none: "nothing that tells",
};

// Controls, and what turns or hides the text after it. Marks that only guide their neighbors (LRM, ZWJ) may stay.
const CONTROLS =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udc7f]/g;

function symbol(control) {
  const code = control.codePointAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}

function plain(text) {
  return String(text)
    .replace(CONTROLS, symbol)
    .replace(/[\r\n\t]+/g, " ");
}

// `text` as nodes, each control character as a visible sign.
function shown(text) {
  const found = document.createDocumentFragment();
  let at = 0;
  for (const match of text.matchAll(CONTROLS)) {
    if (match.index > at) found.append(text.slice(at, match.index));
    found.append(el("span", { class: "control", title: "a control character of the text" }, symbol(match[0])));
    at = match.index + match[0].length;
  }
  if (at < text.length) found.append(text.slice(at));
  return found;
}

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// A name out of the data, apart from the direction of what stands around it.
function name(text, fallback = "—") {
  return text ? el("bdi", {}, plain(text)) : fallback;
}

function relationTag(relation) {
  return el("span", { class: `relation is-${relation}`, title: RELATION_WORDS[relation] }, relation);
}

function number(value) {
  return Number(value ?? 0).toLocaleString("en-US");
}

function percent(share) {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

function count(n, noun) {
  return `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
}

function day(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const moment = new Date(seconds * 1000);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString().slice(0, 10);
}

// A span of time in its two largest units at most.
function lag(seconds) {
  const size = Math.abs(seconds);
  if (size < 60) return "at once";
  const [unit, length] = [
    ["year", 31557600],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ].find(([, s]) => size >= s);
  const n = size / length;
  const words = count(Number(n < 10 ? n.toFixed(1) : n.toFixed(0)), unit);
  return seconds < 0 ? `${words} before` : words;
}

function announce(words) {
  document.getElementById("status").textContent = words;
}

function link(to, ...children) {
  return el("a", { href: to }, ...children);
}

// Addresses out of the data: only those of the web become links, and they are followed only when clicked.
function address(url) {
  if (!/^https?:\/\//i.test(url)) return name(url, "");
  return el("a", { href: url, rel: "noopener noreferrer nofollow", target: "_blank" }, el("bdi", {}, plain(url)));
}
