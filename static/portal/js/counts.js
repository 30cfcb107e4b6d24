// Says beside a text how long it is, while it is typed. Counts as applications/rules/lengths.py does, with the same
// two sets written out: the browser's own idea of white space is another one.
const SPACE = "\\t\\n\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
const UNSPACED = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{323af}";
const PATTERNS = {
  words: new RegExp(`[${UNSPACED}]|[^${SPACE}${UNSPACED}]+`, "gu"),
  characters: new RegExp(`[^${SPACE}]`, "gu"),
};

export function length(text, unit) {
  return text.match(PATTERNS[unit])?.length ?? 0;
}

for (const line of document.querySelectorAll("[data-count]")) {
  const field = document.getElementById(line.dataset.count);
  const limit = Number(line.dataset.limit);
  const say = () => {
    const count = length(field.value, line.dataset.unit);
    const over = Math.max(0, count - limit);
    const sentence = over ? line.dataset.over : line.dataset.fits;
    line.textContent = sentence.replace("{n}", count).replace("{limit}", limit).replace("{over}", over);
    line.classList.toggle("wrong", over > 0);
  };
  field.addEventListener("input", say);
  say();
}
