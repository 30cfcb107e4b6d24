// Sends the PDF in parts, says how far it is, and goes on where a lost connection stopped it.
// Without this script, or where parts are not taken, the form sends the file as a whole.

const form = document.querySelector("form[data-parts]");
const { file: input, upload: whole, csrfmiddlewaretoken: token } = form?.elements ?? {};
const box = form?.querySelector("[data-progress]");
const bar = box?.querySelector("progress");
const words = box?.querySelector("[role=status]");
const SECONDS = [1, 2, 4, 8, 15];
let running = false;

function say(text, wrong = false) {
  words.className = wrong ? "wrong" : "";
  if (words.textContent !== text) words.textContent = text;
}

function show(done, all) {
  const percent = Math.floor((100 * done) / all);
  bar.value = percent;
  // Heard at every tenth, not at every part.
  if (percent % 10 === 0 || all / form.dataset.partBytes < 10) say(form.dataset.sending.replace("{percent}", `${percent}%`));
}

// Waits a little longer each time, but not once the browser says that the line is back.
function pause(tries) {
  return new Promise((resolve) => {
    setTimeout(resolve, 1000 * SECONDS[Math.min(tries, SECONDS.length - 1)]);
    addEventListener("online", resolve, { once: true });
  });
}

// Asks until there is an answer; a fault of the line or of the server is no answer.
async function ask(url, options, seconds) {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(url, {
        ...options,
        headers: { "X-CSRFToken": token.value, ...options.headers },
        signal: AbortSignal.timeout(seconds * 1000),
      });
      if (answer.status < 500) return answer;
    } catch { /* the line was lost */ }
    say(form.dataset.waiting);
    await pause(tries);
    if (options.method === "POST" && options.body instanceof Blob) return null; // ask first how far it is
  }
}

async function told(answer) {
  const found = await answer.json().catch(() => ({}));
  const ended = answer.status === 403 && !found.detail; // a page, not words: the sign-in or the token is gone
  return { ...found, ...(ended && { detail: form.dataset.ended }), ok: answer.ok, status: answer.status };
}

async function send(file) {
  const begun = await told(await ask(form.dataset.parts, { method: "POST", body: new URLSearchParams({ bytes: file.size }) }, 30));
  if (!begun.url) return begun;
  const size = Number(form.dataset.partBytes);
  let { offset } = begun;
  let stuck = 0;
  show(offset, file.size);
  while (offset < file.size) {
    const part = file.slice(offset, offset + size);
    const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) };
    const answer = (await ask(begun.url, { method: "POST", body: part, headers }, 120)) ?? (await ask(begun.url, {}, 30));
    const now = await told(answer);
    // A part that came twice, or came cut off: the server says where to go on.
    if (now.offset === undefined || (!now.ok && now.status !== 409 && now.status !== 400)) return now;
    stuck = now.offset > offset ? 0 : stuck + 1;
    if (stuck > 5 || (!now.ok && now.code && now.code !== "wrong-offset")) return now;
    offset = now.offset;
    show(offset, file.size);
  }
  return { upload: begun.upload };
}

async function start() {
  running = true;
  box.hidden = false;
  const sent = await send(input.files[0]);
  running = false;
  if (sent.upload) {
    say(form.dataset.checking);
    whole.value = sent.upload;
    input.disabled = true;
    form.submit();
  } else {
    say(sent.detail ?? form.dataset.stopped, true);
  }
}

form?.addEventListener("submit", (event) => {
  if (!input.files.length) return;
  event.preventDefault();
  if (!running) start();
});

// Back from the next page by the browser's own button.
addEventListener("pageshow", () => {
  if (input) input.disabled = false;
  if (whole) whole.value = "";
});
