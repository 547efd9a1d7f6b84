// A drawn pack for a product without a picture: its shape from what it is, its colour from where it stands.

import { s } from "./dom.js";

// What each shape is drawn of: [tag, class, attributes]. b body, d darker side, l label, a accent. 120 by 120, feet at 118.
const path = (kind, d) => ["path", kind, { d }];
const rect = (kind, x, y, width, height, rx = 0) => ["rect", kind, { x, y, width, height, rx }];
const oval = (kind, cx, cy, rx, ry = rx) => ["ellipse", kind, { cx, cy, rx, ry }];

const SHAPES = {
  carton: [path("b", "M36 44h48v74H36z"), path("d", "M36 44l11-22h26l11 22z"), rect("b", 46, 12, 28, 11, 2),
    rect("l", 36, 62, 48, 36), rect("a", 36, 98, 48, 6)],
  bottle: [path("b", "M53 12h14v18c0 12 14 14 14 32v50a6 6 0 0 1-6 6H45a6 6 0 0 1-6-6V62c0-18 14-20 14-32z"),
    rect("a", 51, 5, 18, 11, 2), rect("l", 39, 66, 42, 30)],
  can: [path("b", "M44 32h32l5 8v70l-5 8H44l-5-8V40z"), oval("d", 60, 32, 16, 3.5), rect("l", 39, 54, 42, 40),
    rect("a", 39, 48, 42, 4)],
  tin: [rect("b", 31, 50, 58, 68, 5), oval("d", 60, 52, 29, 6), rect("l", 31, 66, 58, 38), rect("a", 31, 104, 58, 4)],
  jar: [path("b", "M40 50h40c6 3 9 7 9 13v46c0 6-3 9-9 9H40c-6 0-9-3-9-9V63c0-6 3-10 9-13z"), rect("a", 37, 36, 46, 15, 3),
    rect("l", 31, 70, 58, 32)],
  bag: [path("b", "M34 34h52l3 9-2 67c0 5-3 8-8 8H41c-5 0-8-3-8-8l-2-67z"), path("d", "M33 26h54v9H33z"),
    oval("l", 60, 77, 20), rect("a", 33, 40, 54, 3)],
  box: [path("b", "M32 30h44v88H32z"), path("d", "M76 30l13-7v88l-13 7zM32 30l13-7h44l-13 7z"), rect("l", 32, 50, 44, 34),
    rect("a", 32, 92, 44, 5)],
  loaf: [path("b", "M20 118V84c-9-6-8-30 14-30h52c22 0 23 24 14 30v34z"), path("d", "M40 54l8 14M58 54l8 14M76 54l8 14"),
    rect("l", 20, 82, 80, 28)],
  eggs: [oval("l", 37, 80, 14, 19), oval("l", 60, 78, 14, 20), oval("l", 83, 80, 14, 19), path("b", "M16 88h88l-7 30H23z"),
    path("d", "M16 88h88l-1.4 6H17.4z")],
  cheese: [path("l", "M14 92l70-34c12 5 20 18 22 34z"), path("b", "M14 92h92v26H14z"), oval("d", 40, 105, 6, 5),
    oval("d", 74, 108, 4, 3.5), oval("d", 90, 99, 3)],
  fruit: [path("b", "M60 56c-22-11-40 4-37 28 3 22 20 40 37 33 17 7 34-11 37-33 3-24-15-39-37-28z"),
    path("d", "M60 55c-1-10 1-16 5-22"), path("a", "M62 46c2-16 14-24 30-24-1 16-13 26-30 24z"), oval("s", 40, 76, 5, 9)],
  leaves: [oval("d", 38, 82, 25, 30), oval("d", 82, 82, 25, 30), oval("b", 60, 78, 28, 40),
    path("a", "M60 48v66M60 72l-14-12M60 72l14-12M60 92l-14-12M60 92l14-12")],
  root: [path("b", "M38 58c8-8 36-8 44 0 5 22-10 50-22 60-12-10-27-38-22-60z"), path("d", "M42 74h14M50 90h12M64 80h12"),
    path("a", "M60 54c-14-8-18-22-14-32 9 6 12 12 13 20 0-12 4-22 12-28 6 12 2 30-11 40z")],
  bulb: [path("b", "M60 44c4 14 34 18 34 46 0 18-15 28-34 28s-34-10-34-28c0-28 30-32 34-46z"),
    path("d", "M60 52c-8 16-14 30-10 62M60 52c8 16 14 30 10 62"), path("a", "M56 48c-2-8-4-12-8-16M60 46V28M64 48c2-8 4-12 8-16")],
  banana: [path("b", "M30 40c2 44 28 66 70 58 4 4 2 10-4 12-46 14-86-16-80-66z"), path("d", "M24 44c0 36 26 66 66 64"),
    path("a", "M20 30h10l1 12-15 4z")],
  cluster: [oval("b", 42, 64, 14), oval("b", 68, 62, 14), oval("b", 90, 70, 13), oval("b", 52, 86, 14), oval("b", 78, 86, 14),
    oval("b", 64, 104, 14), oval("s", 38, 59, 3, 4), oval("s", 64, 57, 3, 4), oval("s", 48, 81, 3, 4), oval("s", 74, 81, 3, 4),
    path("d", "M66 50c0-8 2-14 6-20"), path("a", "M68 44c4-14 16-18 28-16-3 13-14 20-28 16z")],
  tray: [rect("b", 12, 70, 96, 48, 9), path("a", "M26 98c-4-16 18-20 32-17 18-6 40 0 36 14-4 15-22 9-32 14-14 5-32 4-36-11z"),
    rect("l", 64, 98, 36, 15, 2)],
  roll: [rect("b", 33, 40, 54, 78, 3), oval("l", 60, 40, 27, 9), oval("d", 60, 40, 9, 3), path("a", "M33 66h54M33 92h54")],
  tub: [path("b", "M31 58h58l-6 60H37z"), rect("a", 27, 47, 66, 12, 4), path("l", "M33.4 72h53.2l-2.8 28H36.2z")],
  stick: [path("b", "M12 84h80v34H12z"), path("d", "M92 84l16-10v34l-16 10zM12 84l16-10h80l-16 10z"), rect("l", 30, 90, 44, 22)],
  pump: [rect("b", 38, 54, 44, 64, 8), rect("d", 54, 40, 12, 15), path("a", "M46 28h30c4 0 6 3 6 7H66v6H54v-6h-8z"),
    rect("l", 38, 70, 44, 30)],
  flower: [path("d", "M60 84V56"), oval("b", 60, 24, 11), oval("b", 42, 38, 11), oval("b", 78, 38, 11), oval("b", 49, 56, 11),
    oval("b", 71, 56, 11), oval("l", 60, 43, 9), path("a", "M38 82h44l-6 36H44z")],
  sack: [path("b", "M32 34l7-7 7 7 7-7 7 7 7-7 7 7 7-7 7 7v84H32z"), path("d", "M76 34l5-5 7 5v84H76z"), oval("l", 54, 78, 16)],
};

// The first that fits says what a product is; its hue colours what no department does.
const KINDS = [
  [/\begg/i, "eggs", 60], [/yogurt|sour cream|cottage|dip\b|by-products|pudding/i, "tub", 250], [/cheese/i, "cheese", 82],
  [/margarin|butter(?!.*(peanut|spray))|shortening/i, "stick", 95], [/milk|cream(er)?\b/i, "carton", 245],
  [/juice|water|oil\b|dressing|tea\b|drnk|wine|spirits|vinegar|syrup|catsup|liter/i, "bottle", 30],
  [/soft drink|beer|soda|energy/i, "can", 20], [/pnt btr|peanut|jell|jam\b|honey|condiment|sauce|spice|pickle|olive|salsa/i, "jar", 55],
  [/bread|bun|roll|bagel|muffin|donut|cake|pastr|sweets|pie/i, "loaf", 70], [/soup|shelf stable|canned|tuna|bean/i, "tin", 35],
  [/towel|tissue|napkin/i, "roll", 225], [/cereal|cracker|mix|pasta|dinner|cookie|rice|frozen|pizza|frzn|bar\b/i, "box", 45],
  [/snack|chip|sugar|candy|coffee|pet|dog|cat|flour|salad mix|nut/i, "bag", 75],
  [/carrot|root|parsnip/i, "root", 55], [/potato|onion|garlic|mushroom|radish|beet/i, "bulb", 70], [/lettuce|salad|cabbage|broccoli|herb|vegetable|celery|spinach|asparagus|squash|cucumber/i, "leaves", 135],
  [/banana|plantain/i, "banana", 98], [/grape|berr|cherr/i, "cluster", 330],
  [/apple|orange|citrus|melon|fruit|tomato|pepper|lemon|lime|avocado|peach|pear/i, "fruit", 35],
  [/beef|pork|chicken|turkey|meat|sausage|bacon|fish|seafood|shrimp/i, "tray", 15],
  [/vitamin|soap|shampoo|hair|oral|lotion|deter|clean|deodor/i, "pump", 200], [/flor|rose|plant|bouquet/i, "flower", 350],
];

// Where a department has goods of one nature, they have its shape and hue.
const DEPARTMENTS = {
  PRODUCE: ["fruit", 140], MEAT: ["tray", 18], "MEAT-PCKGD": ["tray", 8], SEAFOOD: ["tray", 215], "SEAFOOD-PCKGD": ["tray", 205],
  DELI: ["tray", 48], PASTRY: ["loaf", 65], FLORAL: ["flower", 350], COSMETICS: ["pump", 330], "DRUG GM": ["pump", 285],
  NUTRITION: ["jar", 165], SPIRITS: ["bottle", 300], "GARDEN CENTER": ["flower", 120], "SALAD BAR": ["leaves", 135],
};

const PRODUCE_SHAPES = new Set(["fruit", "leaves", "root", "bulb", "banana", "cluster"]);

/** The drawing for an item; decoration only, its text is beside it. */
export function pack(item) {
  const [kind, hue] = nature(item);
  const turn = (hash(item.item_id) % 7) * 4 - 12;
  const own = (hue + turn + 360) % 360;
  const drawing = s("svg", { viewBox: "0 0 120 120", class: `pack pack-${kind}`, "aria-hidden": "true", focusable: "false" });
  drawing.style.setProperty("--hue", own);
  drawing.style.setProperty("--lift", own > 55 && own < 115 ? 0.13 - Math.abs(own - 85) * 0.003 : 0); // a dark yellow looks dirty
  drawing.append(shadow());
  for (const [tag, part, attributes] of SHAPES[kind]) drawing.append(s(tag, { ...attributes, class: part }));
  const label = SHAPES[kind].find(([tag, part, at]) => part === "l" && (tag === "rect" ? at.width > 40 : at.rx > 15 && kind !== "roll"));
  if (label) drawing.append(monogram(item, label[2]));
  return drawing;
}

const shadow = () => s("ellipse", { cx: 60, cy: 117.5, rx: 50, ry: 3, class: "ground" });

function nature(item) {
  const words = `${item.category ?? ""} ${item.title}`;
  const own = DEPARTMENTS[(item.attributes?.department ?? "").toUpperCase()];
  const fits = (kind) => own?.[0] !== "fruit" || PRODUCE_SHAPES.has(kind);
  const found = KINDS.find(([told, kind]) => fits(kind) && told.test(words));
  if (!own) return found ? [found[1], found[2]] : ["sack", hash(item.category ?? words) % 360];
  return [found?.[1] ?? own[0], own[0] === "fruit" ? produceHue(words) : own[1]];
}

function produceHue(words) {
  const hues = [[/banana|lemon|corn/i, 97], [/orange|carrot|peach|cantaloupe/i, 58], [/tomato|radish|gala|red/i, 28], [/apple/i, 120],
    [/strawb|cherr/i, 18], [/white|green/i, 130], [/grape|berr|plum|eggplant/i, 320], [/potato|onion|mushroom|garlic/i, 68]];
  return hues.find(([fits]) => fits.test(words))?.[1] ?? 138;
}

function monogram(item, at) {
  const x = at.cx ?? at.x + at.width / 2;
  const y = at.cy ?? at.y + at.height / 2;
  const letters = item.title.replace(/[^\p{L} ]/gu, "").split(" ").filter(Boolean).slice(0, 2).map((word) => word[0]);
  return s("text", { x, y: y + 6, class: "monogram" }, letters.join("").toUpperCase());
}

function hash(text) {
  let value = 7;
  for (const letter of text) value = (value * 31 + letter.codePointAt(0)) >>> 0;
  return value;
}
