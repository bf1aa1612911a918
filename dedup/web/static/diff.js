// Where two runs of text differ, word by word.

const MOST_EDITS = 1500;

// Words, and single characters of scripts that put no space between words.
const UNSPACED = "\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}";
const WORD = new RegExp(`[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, "gu");

function words(text, start, end) {
  const found = [];
  for (const match of text.slice(start, end).matchAll(WORD)) {
    found.push({
      start: start + match.index,
      end: start + match.index + match[0].length,
      word: match[0].toLowerCase(),
    });
  }
  return found;
}

// The words of either side that the other lacks, as [start, end] pairs in characters.
function differences(left, right) {
  let head = 0;
  let tail = 0;
  const most = Math.min(left.length, right.length);
  while (head < most && left[head].word === right[head].word) head++;
  while (tail < most - head && left[left.length - 1 - tail].word === right[right.length - 1 - tail].word) tail++;
  const a = left.slice(head, left.length - tail);
  const b = right.slice(head, right.length - tail);
  const [onlyLeft, onlyRight] = a.length && b.length ? edits(a, b) : [a, b];
  return [onlyLeft.map(ends), onlyRight.map(ends)];
}

const ends = ({ start, end }) => [start, end];

// Myers's greedy algorithm (1986); beyond MOST_EDITS everything in between counts as different.
function edits(a, b) {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const far = new Int32Array(2 * most + 3);
  const steps = [];
  for (let d = 0; d <= most; d++) {
    steps.push(far.slice(most - d, most + d + 3));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && far[most + k] < far[most + k + 2]);
      let x = down ? far[most + k + 2] : far[most + k] + 1;
      while (x < a.length && x - k < b.length && a[x].word === b[x - k].word) x++;
      far[most + k + 1] = x;
      if (x >= a.length && x - k >= b.length) return walked(a, b, steps, d);
    }
  }
  return [a, b];
}

function walked(a, b, steps, d) {
  const onlyLeft = [];
  const onlyRight = [];
  let x = a.length;
  let y = b.length;
  for (; d > 0; d--) {
    const far = steps[d];
    const k = x - y;
    const at = (j) => far[j + d + 1];
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const before = down ? k + 1 : k - 1;
    x = at(before);
    y = x - before;
    if (down) onlyRight.push(b[y]);
    else onlyLeft.push(a[x]);
  }
  return [onlyLeft.reverse(), onlyRight.reverse()];
}

// What stands in quotation marks, within a paragraph, by the marks of many languages.
const CLOSING = {
  "\u201c": "\u201d",
  "\u201e": "\u201c\u201d",
  "\u00ab": "\u00bb",
  "\u00bb": "\u00ab",
  "\u300c": "\u300d",
  "\u300e": "\u300f",
  '"': '"',
  "\u201d": "\u201d",
};
const MOST_QUOTED = 2000;

function quotations(text) {
  const found = [];
  for (let at = 0; at < text.length; at++) {
    const closing = CLOSING[text[at]];
    if (!closing || (text[at] === "\u201d" && /\S/.test(text[at - 1] ?? ""))) continue;
    for (let end = at + 1; end < text.length && end - at < MOST_QUOTED && text[end] !== "\n"; end++) {
      if (closing.includes(text[end])) {
        if (end - at > 1) found.push([at, end + 1]);
        at = end;
        break;
      }
    }
  }
  return found;
}

// Python counts characters, JavaScript halves of some: positions in ascending order, from the one to the other.
function toUnits(text, positions) {
  if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return positions;
  const order = [...positions.keys()].sort((p, q) => positions[p] - positions[q]);
  const found = new Array(positions.length);
  let unit = 0;
  let character = 0;
  for (const p of order) {
    while (character < positions[p] && unit < text.length) {
      unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
      character++;
    }
    found[p] = unit;
  }
  return found;
}
