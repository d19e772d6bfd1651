// What the field of a search proposes while someone types. Without this it is a plain form.
const WAIT_MS = 80; // after the last key, before proposals are asked for

for (const form of document.querySelectorAll(".search-field")) combobox(form);

function combobox(form) {
  const input = form.querySelector("input[type=search]");
  const box = form.querySelector(".search-options");
  const voice = form.querySelector("[role=status]");
  const options = () => [...box.querySelectorAll("[role=option]")];
  let typed = input.value;
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
    choose(-1);
  }

  function choose(index) {
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
    const query = new URLSearchParams(new FormData(form));
    let list = "";
    try {
      const response = await fetch(`${form.dataset.complete}?${query}`, { signal });
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

  input.addEventListener("input", () => {
    typed = input.value;
    clearTimeout(timer);
    if (typed.trim().length < 2) close();
    else timer = setTimeout(propose, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      input.value = typed;
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !box.hidden && count) {
      event.preventDefault();
      const steps = count + 1; // one of them is what was typed
      choose(((at + 1 + (event.key === "ArrowDown" ? 1 : -1) + steps) % steps) - 1);
      input.value = options()[at]?.dataset.text ?? typed;
    } else if (event.key === "Enter") {
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(() => !form.contains(document.activeElement) && close()));
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
