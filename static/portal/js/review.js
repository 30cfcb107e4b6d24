// Beside the form of a review: the mean while it is scored, and keys to move on. The server reckons the mean again.
const form = document.querySelector("form[data-weights]");
const output = form?.querySelector("output");
if (output) {
  const weights = Object.entries(JSON.parse(form.dataset.weights));
  const say = () => {
    let sum = 0, weighed = 0, dealt = 0;
    for (const [name, weight] of weights) {
      const value = form.elements[name]?.value;
      if (!value) continue;
      dealt += 1;
      if (value === "na") continue; // weights count over what was answered
      sum += weight * Number(value);
      weighed += weight;
    }
    if (weighed) {
      const words = { mean: (sum / weighed).toFixed(2), n: dealt, all: weights.length };
      output.textContent = output.dataset.mean.replace(/{(\w+)}/g, (all, name) => words[name]);
    }
  };
  form.addEventListener("change", say);
}

// Single keys can be switched off (WCAG 2.1.4); the choice stays in a cookie.
const help = document.getElementById("keys");
const box = help?.querySelector("[data-keys]");
if (box) {
  help.hidden = false;
  box.checked = !/(^|; )keys=off/.test(document.cookie);
  box.addEventListener("change", () => {
    document.cookie = `keys=${box.checked ? "on" : "off"}; path=/; max-age=31536000; SameSite=Lax`;
  });
  let before = "";
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    if (!box.checked || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const pair = before + event.key;
    before = event.key === "g" ? "g" : "";
    if (pair === "gl") location.assign(help.dataset.list);
    else if (event.key === "j") document.querySelector("a[rel=next]")?.click();
    else if (event.key === "k") document.querySelector("a[rel=prev]")?.click();
    else if (event.key === "?") {
      help.open = true;
      help.querySelector("summary").focus();
    }
  });
}
