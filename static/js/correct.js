// Saying what photos show: a field that proposes categories while someone types, and a photo's page after a correction.
// Without this the form answers with a list to choose from.
const choosers = new WeakMap();

/** The proposals under one field, by search.js, which every page has. */
function chooserOf(input) {
  if (!choosers.has(input)) choosers.set(input, choosing(input));
  return choosers.get(input);
}

function choosing(input) {
  const field = input.closest(".chooser");
  const address = () => `${field.dataset.choices}?${new URLSearchParams({ words: input.value })}`;
  const proposals = proposing(input, field.querySelector(".chooser-options"), field.querySelector("[role=status]"), address);
  return {
    ...proposals,
    /** What is marked is meant: it is sent at once. */
    choose(option = proposals.marked()) {
      if (!option) return false;
      input.value = option.dataset.text;
      const chosen = document.createElement("input");
      Object.assign(chosen, { type: "hidden", name: "wnid", value: option.dataset.wnid });
      input.form.append(chosen);
      proposals.close();
      input.form.requestSubmit();
      chosen.remove();
      return true;
    },
  };
}

const fieldOf = (event) => (event.target.matches?.(".chooser input") ? chooserOf(event.target) : null);

document.addEventListener("input", (event) => fieldOf(event)?.typed());
document.addEventListener("focusout", (event) => fieldOf(event)?.close());
document.addEventListener("keydown", (event) => {
  const chooser = fieldOf(event);
  if (!chooser || event.isComposing) return;
  const isTaken =
    (event.key === "ArrowDown" && chooser.step(1)) ||
    (event.key === "ArrowUp" && chooser.step(-1)) ||
    (event.key === "Enter" && chooser.choose()) ||
    (event.key === "Escape" && chooser.isOpen() && (chooser.close(), true));
  if (isTaken) event.preventDefault();
});
// The field keeps the focus until the click.
document.addEventListener("mousedown", (event) => event.target.closest(".chooser-options") && event.preventDefault());
document.addEventListener("click", (event) => {
  const option = event.target.closest(".chooser-options [role=option]");
  if (option) chooserOf(option.closest(".chooser").querySelector("input")).choose(option);
});

// The field has the focus once it is there.
document.addEventListener("toggle", (event) => event.target.matches(".it-is[open]") && event.target.querySelector("#it-is").focus(), true);

// A photo's page after it was corrected: the focus is where it says what the photo is called, and so are the words for
// those who do not see it.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "said") return;
  const called = document.querySelector("#called");
  const image = document.querySelector(".photo-frame img");
  if (image) image.alt = called.dataset.alt;
  const failed = document.querySelector("#said [aria-invalid], #said .chooser-which button");
  if (failed) failed.focus();
  else if (!document.activeElement || document.activeElement === document.body) called.querySelector("h1")?.focus({ preventScroll: true });
});
