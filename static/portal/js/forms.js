// What a script adds to forms; every form works without it.

// The error summary takes the focus, so that it is the first thing read.
document.querySelector(".problem")?.focus();

// Somebody who leaves a half-filled form is asked first, unless all of it was saved (autosave.js says so).
const unsaved = new Set();
for (const form of document.querySelectorAll('form[method="post"][data-unsaved]')) {
  form.addEventListener("input", () => { unsaved.add(form); });
  for (const over of ["submit", "portal:saved"]) form.addEventListener(over, () => { unsaved.delete(form); });
}
addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });
