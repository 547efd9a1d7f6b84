// Elements from data. Text always goes in as text: nothing here, or elsewhere, parses data as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element; `on` has listeners, `data` has data attributes, a child that is no node becomes text. */
export function h(tag, { on = {}, data = {}, ...attributes } = {}, ...children) {
  return fill(document.createElement(tag), { on, data, attributes }, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), { on: {}, data: {}, attributes }, children);
}

function fill(element, { on, data, attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  for (const [name, value] of Object.entries(data)) element.dataset[name] = value;
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A message id or an order id. `crypto.randomUUID` is there in secure contexts only. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Storage that may be refused (a private window, a full disk): then what is kept lasts as long as the page. */
export function remember(storage, key, value) {
  try {
    storage().setItem(key, value);
  } catch {
    fallback.set(key, value);
  }
}

export function recall(storage, key) {
  try {
    return storage().getItem(key) ?? fallback.get(key) ?? null;
  } catch {
    return fallback.get(key) ?? null;
  }
}

const fallback = new Map();

/** A title without its size at the end, which a card shows on a line of its own. */
export function shortTitle(item) {
  const size = item.attributes?.size;
  const end = size ? `, ${size}`.toLowerCase() : "";
  return end && item.title.toLowerCase().endsWith(end) ? item.title.slice(0, -end.length) : item.title;
}

/** Words in capitals only, as tills print them, set in lower case. */
export function quiet(text) {
  return text && text === text.toUpperCase() ? text.charAt(0) + text.slice(1).toLowerCase() : text;
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
