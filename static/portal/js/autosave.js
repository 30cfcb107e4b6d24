// Saves forms with `data-autosave` by itself, as the button would, and says in `[data-state]` what became of it.
// What was sent and not answered is sent again unchanged: the server does the same request once (portal/replay.py).
// Nothing is kept in the browser's storage.
const QUIET = 2000; // after the last change
const LONGEST = 60000; // between two attempts
const PATIENCE = 20000; // for one answer

class Refusal extends Error {}
class SignedOut extends Error {}

async function renew() {
  // After a new sign-in in another tab the page's token is an old one; a page that can be read has the new one.
  const page = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) });
  const found = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text());
  if (page.redirected || !page.ok || !found) throw new SignedOut();
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = found[1];
}

class Keeper {
  constructor(form, line) {
    Object.assign(this, { form, line, words: line.dataset, tries: 0, pending: null, sending: null, over: false });
    this.saved = this.typed();
    for (const kind of ["input", "change"]) form.addEventListener(kind, (event) => this.changed(event));
    form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("online", () => this.again());
    addEventListener("focus", () => { if (this.tries) this.again(); });
    document.addEventListener("visibilitychange", () => this.again());
  }

  typed() {
    const data = new FormData(this.form);
    for (const name of ["csrfmiddlewaretoken", "version"]) data.delete(name);
    data.append("_by_itself", "1");
    return new URLSearchParams(data).toString();
  }

  changed(event) {
    if (this.over || this.typed() === this.saved) return;
    const field = event.target.closest(".field");
    if (field && field.nextElementSibling !== this.line) field.after(this.line); // beside what is typed
    if (!this.tries) this.say(this.words.waiting);
    this.wait(this.tries ? this.delay() : QUIET);
  }

  again() { if (!this.over && (this.pending || this.typed() !== this.saved)) this.send(); }

  wait(time) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), time);
  }

  delay() { return Math.min(LONGEST, QUIET * 2 ** (this.tries - 1)); }

  say(words, wrong = false, more = null) {
    const { line } = this;
    if (this.said === words) return; // a link in it must not vanish under the hand
    this.said = words;
    line.className = wrong ? "wrong" : words === this.words.waiting || words === this.words.saving ? "hint" : "saved";
    line.replaceChildren(words, ...(more ? [" ", more] : []));
  }

  send() {
    clearTimeout(this.timer);
    if (this.over) return this.sending;
    this.sending ??= this.deliver().finally(() => {
      this.sending = null;
      if (!this.over && !this.tries && this.typed() !== this.saved && !this.refused) this.wait(QUIET);
    });
    return this.sending;
  }

  async deliver() {
    const typed = this.typed();
    if (!this.pending && typed === this.saved) return;
    this.pending ??= { typed, version: this.form.elements.version?.value };
    this.refused = false;
    if (!this.tries) this.say(this.words.saving);
    try {
      const answer = await this.post().catch(async (error) => {
        if (!(error instanceof SignedOut)) throw error;
        await renew();
        return this.post();
      });
      this.done(answer);
    } catch (error) {
      this.failed(error);
    }
  }

  async post() {
    const { typed, version } = this.pending;
    const data = new URLSearchParams(typed);
    data.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    if (version !== undefined) data.set("version", version);
    const answer = await fetch(this.form.action, {
      method: "POST", body: data, redirect: "manual", signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) return answer.json();
    if (answer.status === 403) throw new SignedOut();
    if (answer.status < 500 && answer.status !== 429) throw new Refusal();
    throw new Error(answer.status);
  }

  done(answer) {
    const { typed } = this.pending;
    this.pending = null;
    this.tries = 0;
    if (answer.state === "saved") {
      this.saved = typed;
      if (this.form.elements.version) this.form.elements.version.value = answer.version;
      if (this.typed() === typed && !answer.partly) this.form.dispatchEvent(new Event("portal:saved"));
      this.say(answer.words, answer.partly); // what is wrong is named, and stays in its field
    } else if (answer.state === "stale") {
      this.over = true; // the button shows both texts side by side; nothing is written over in silence
      const button = document.createElement("button");
      Object.assign(button, { type: "submit", className: "btn btn--second btn--small", textContent: this.words.compare });
      this.say(answer.words, true, button);
    } else {
      this.refused = true; // until it is changed
      this.say(`${this.words.refused} ${answer.words}`, true);
    }
  }

  failed(error) {
    if (error instanceof Refusal) {
      this.over = true;
      this.say(this.words.refused, true);
      return;
    }
    this.tries += 1;
    if (error instanceof SignedOut) {
      const link = document.createElement("a");
      Object.assign(link, { href: this.words.login, target: "_blank", rel: "noopener", textContent: this.words.enter });
      this.say(this.words.ended, true, link);
    } else {
      this.say(this.words.offline, true);
    }
    this.wait(this.delay());
  }

  async submitted(event) {
    clearTimeout(this.timer);
    if (this.over || (!this.sending && !this.tries && navigator.onLine)) {
      this.over = true;
      setTimeout(() => { this.over = !event.defaultPrevented; }); // another script keeps the page where it is
      return;
    }
    event.preventDefault(); // what is on its way comes first; without a connection nothing leaves this page
    await this.send();
    if (this.tries) return;
    this.over = true;
    this.form.requestSubmit(event.submitter);
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const line = form.querySelector("[data-state]");
  if (line) new Keeper(form, line);
}
