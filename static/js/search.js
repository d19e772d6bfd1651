// Fields that propose while someone types: the search's, and those of other scripts. Without this they are plain forms.
const WAIT_MS = 80; // after the last key, before proposals are asked for

/** The proposals of one field in a box below it; `address` tells where they are asked for, `voice` says how many came. */
globalThis.proposing = (input, box, voice, address) => {
  const options = () => [...box.querySelectorAll("[role=option]")];
  let at = -1;
  let asked;
  let timer;
  box.id = `${input.id}-options`;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", box.id]]) input.setAttribute(name, value);

  function close() {
    clearTimeout(timer);
    asked?.abort();
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(index) {
    options()[at]?.setAttribute("aria-selected", "false");
    at = index;
    const option = options()[at];
    option?.setAttribute("aria-selected", "true");
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  async function propose() {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    let list = "";
    try {
      const response = await fetch(address(), { signal });
      list = response.ok ? await response.text() : "";
    } catch {
      return; // asked anew meanwhile, or the site is away: the form works without
    }
    if (signal.aborted || document.activeElement !== input) return;
    box.innerHTML = list;
    options().forEach((option, index) => (option.id = `${box.id}-${index}`));
    at = -1;
    const count = options().length;
    box.hidden = !count;
    input.setAttribute("aria-expanded", String(!box.hidden));
    const { none, one, other } = voice.dataset;
    voice.textContent = count === 0 ? none : count === 1 ? one : other.replace("#", count);
  }

  return {
    close,
    typed() {
      clearTimeout(timer);
      if (input.value.trim().length < 2) close();
      else timer = setTimeout(propose, WAIT_MS);
    },
    /** Mark the next one, or the one before; false where there is none to mark. */
    step(by) {
      const steps = options().length + 1; // one of them is what was typed
      if (box.hidden || steps === 1) return false;
      mark(((at + 1 + by + steps) % steps) - 1);
      return true;
    },
    marked: () => options()[at],
    isOpen: () => !box.hidden,
  };
};

for (const form of document.querySelectorAll(".search-field")) searching(form);

function searching(form) {
  const input = form.querySelector("input[type=search]");
  const box = form.querySelector(".search-options");
  const address = () => `${form.dataset.complete}?${new URLSearchParams(new FormData(form))}`;
  const proposals = proposing(input, box, form.querySelector("[role=status]"), address);
  let typed = input.value;

  input.addEventListener("input", () => {
    typed = input.value;
    proposals.typed();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && proposals.isOpen()) {
      event.preventDefault();
      input.value = typed;
      proposals.close();
    } else if ((event.key === "ArrowDown" && proposals.step(1)) || (event.key === "ArrowUp" && proposals.step(-1))) {
      event.preventDefault();
      input.value = proposals.marked()?.dataset.text ?? typed;
    } else if (event.key === "Enter") {
      proposals.close();
    }
  });
  input.addEventListener("blur", () => setTimeout(() => !form.contains(document.activeElement) && proposals.close()));
  box.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus until the click
}

// "/" leads to the field, where nothing is being written.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  const field = [...document.querySelectorAll(".search-field input[type=search]")].find((input) => input.checkVisibility());
  if (field) {
    event.preventDefault();
    field.select();
  }
});
