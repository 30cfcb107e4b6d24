// Keeps what the mass calculator says in step with what is typed. The server calculates, as its button does.
const form = document.querySelector("form[data-calculates]");
const part = (name) => document.querySelector(`[data-${name}]`);
let timer, asking;

function cell(kind, words, number) {
  const made = document.createElement(kind);
  made.textContent = words;
  if (kind === "th") made.scope = "row";
  if (number) made.className = "num";
  return made;
}

function show({ rows, sum, words, even }) {
  part("needs").hidden = !rows.length;
  part("none").hidden = rows.length > 0;
  part("rows").replaceChildren(...rows.map(([name, figures, need]) => {
    const row = document.createElement("tr");
    row.append(cell("th", name), cell("td", figures), cell("td", need, true));
    return row;
  }));
  part("sum").textContent = sum;
  part("words").replaceChildren(...words.map((one) => {
    const line = document.createElement("p");
    line.textContent = one;
    if (!even) line.className = "notice notice--warn";
    return line;
  }));
}

async function refresh() {
  asking?.abort();
  asking = new AbortController();
  const typed = new URLSearchParams(new FormData(form));
  typed.set("do", "tell");
  try {
    const answer = await fetch(form.action, { method: "POST", body: typed, signal: asking.signal });
    if (answer.ok) show(await answer.json());
  } catch { /* Without a connection the last answer stands. */ }
}

form?.addEventListener("input", ({ target }) => {
  if (!/_mg$|^runs-|^technique$/.test(target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(refresh, 700);
});
