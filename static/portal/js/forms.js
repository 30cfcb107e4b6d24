// What a script adds to forms; every form works without it.

// The error summary takes the focus, so that it is the first thing read.
document.querySelector(".problem")?.focus();

// Somebody who leaves a half-filled form is asked first.
const watched = document.querySelectorAll('form[method="post"][data-unsaved]');
let unsaved = false;
for (const form of watched) {
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
}
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
