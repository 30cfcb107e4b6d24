// Keeps what the mass calculator says in step with what is typed. The server calculates, as its button does.
const form = document.querySelector("form[data-calculates]");
const said = document.getElementById("calculated");
let timer, asking;

async function refresh() {
  asking?.abort();
  asking = new AbortController();
  const typed = new URLSearchParams(new FormData(form));
  typed.set("do", "calculate");
  try {
    const answer = await fetch(form.action, { method: "POST", body: typed, signal: asking.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("calculated");
    if (fresh && fresh.textContent !== said.textContent) said.replaceChildren(...fresh.childNodes);
  } catch { /* Without a connection the last answer stands. */ }
}

form?.addEventListener("input", ({ target }) => {
  if (!/_mg$|^runs-|^technique$/.test(target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(refresh, 700);
});
