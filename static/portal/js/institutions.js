// Proposes institutions while a name is typed; the same search is a page of its own.

const list = document.querySelector("datalist[data-search]");
let waiting;
list && document.querySelector('input[list="institutions"]')?.addEventListener("input", ({ target }) => {
  clearTimeout(waiting);
  if (target.value.trim().length < 2) return;
  waiting = setTimeout(async () => {
    const answer = await fetch(`${list.dataset.search}?as=json&q=${encodeURIComponent(target.value)}`);
    if (!answer.ok) return;
    const { results } = await answer.json();
    list.replaceChildren(...results.map(({ name, detail }) => {
      const option = document.createElement("option");
      option.value = name;
      option.label = `${name} (${detail})`;
      return option;
    }));
  }, 200);
});
