// One keystroke for each decision, and the lease of the case that is open. Without this, the buttons do it all.
const desk = document.querySelector(".desk");
const KEEP_MS = 50_000; // the lease is two minutes
let isGone = false; // on to the next page: a key that is still held decides nothing there

const isTyping = (target) => target instanceof HTMLElement && target.matches("input:not([type=radio], [type=checkbox]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (isTyping(event.target)) event.target.blur();
    else document.querySelector(".keys[open]")?.removeAttribute("open");
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isGone || isTyping(event.target)) return;
  if (event.key.toLowerCase() === "e") {
    const reason = document.querySelector("input[name=reason]");
    if (reason) { event.preventDefault(); reason.focus(); reason.select(); }
    return;
  }
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!pressed) return;
  event.preventDefault();
  if (pressed.tagName !== "SUMMARY" && pressed.type !== "button") isGone = true;
  pressed.click();
});

window.addEventListener("pageshow", () => { isGone = false; });

// Reasons to take, each by its number.
document.querySelectorAll("[data-reason]").forEach((offer, n) => {
  offer.parentElement.hidden = false;
  offer.dataset.key = n + 1;
  offer.querySelector("kbd").textContent = n + 1;
  offer.addEventListener("click", () => { document.querySelector("input[name=reason]").value = offer.dataset.reason; });
});

// The list: each button says what it does to the cases that are chosen, and to how many of them it can.
const bulk = document.querySelector(".bulk");
if (bulk) {
  const boxes = [...document.querySelectorAll("input[name=case]:not(:disabled)")];
  const all = bulk.querySelector("[data-all]");
  const say = () => {
    const chosen = boxes.filter((box) => box.checked);
    all.checked = chosen.length > 0 && chosen.length === boxes.length;
    for (const button of bulk.querySelectorAll("button[name=action]")) {
      const can = chosen.filter((box) => box.dataset.actions.split(" ").includes(button.value));
      const held = can.filter((box) => box.dataset.kind === "held").length;
      if (!button.dataset.first) button.dataset.first = button.textContent;
      let words = can.length ? button.dataset[held === 0 ? "plain" : held === can.length ? "held" : "mixed"] : button.dataset.first;
      if (can.length && can.length < chosen.length) words += `: ${bulk.dataset.of.replace("{n}", can.length).replace("{all}", chosen.length)}`;
      button.textContent = words;
      button.disabled = !can.length;
    }
  };
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; });
  document.addEventListener("change", say);
  window.addEventListener("pageshow", say);
  say();
}

if (desk) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const timer = setInterval(async () => {
    if (document.hidden) return; // whoever has gone lets others have it
    const answer = await fetch(desk.dataset.keep, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
    if (answer?.status === 409) {
      clearInterval(timer);
      const note = document.createElement("p");
      note.className = "desk-box";
      note.setAttribute("role", "status");
      note.textContent = desk.dataset.taken;
      document.querySelector(".desk-side").prepend(note);
    }
  }, KEEP_MS);

  getReady(desk.dataset);
}

// The picture of the next case. One that others see is loaded; any other is only made on the server, by a request that
// brings nothing of it here: whoever loads it has looked at it.
function getReady({ coming, comingSources, comingIsPublic }) {
  const shown = desk.querySelector(".desk-stage img");
  if (!coming) return;
  if (comingIsPublic !== undefined) {
    const picture = new Image();
    picture.sizes = shown?.sizes || "(max-width: 64rem) 100vw, 60vw";
    picture.srcset = comingSources;
    return;
  }
  const size = /\/\d+\.webp/.exec(shown?.currentSrc ?? "")?.[0]; // as the browser chose it for this one
  const same = comingSources.split(", ").map((source) => source.split(" ")[0]).find((url) => size && url.includes(size));
  fetch(same ?? coming, { method: "HEAD" }).catch(() => null);
}
