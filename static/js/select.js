// Selecting photos in a grid: a click, a range with Shift, a whole month, a long press; then delete after asking, put into
// an album, or take out of one.
const LONG_PRESS_MS = 450;
const SLOP_PX = 10;
const AFTERWARDS_MS = 100;
const root = document.documentElement;
let last = null; // the tick a range starts from
let isCut = false; // whether a month was chosen of which not all photos are here yet

const ticks = () => [...document.querySelectorAll("#grid .tick input")];
const ticked = () => ticks().filter((tick) => tick.checked);

function phrase(place, count) {
  const { none, one, other, cut } = place.dataset;
  const words = (!count && none) || (isCut && cut) || (count === 1 ? one : other);
  return words.replace("#", count.toLocaleString(root.lang));
}

function show() {
  const count = ticked().length;
  for (const place of document.querySelectorAll("#selection [role=status], #ask-delete-title")) {
    const words = phrase(place, count);
    if (place.textContent !== words) place.textContent = words;
  }
  for (const button of document.querySelectorAll("#selection [type=submit]")) button.disabled = count === 0;
}

function select(isOn) {
  root.classList.toggle("selecting", isOn);
  document.querySelector(".select-start")?.setAttribute("aria-pressed", String(isOn));
  if (!isOn) {
    for (const tick of ticked()) tick.checked = false;
    last = null;
    isCut = false;
  }
  show();
}

function tickThrough(tick, isRange) {
  const all = ticks();
  if (isRange && last?.isConnected) {
    const [from, to] = [all.indexOf(last), all.indexOf(tick)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = tick.checked;
  }
  last = tick;
  select(true);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (press?.isDone && target.closest("#grid")) return event.preventDefault(); // the finger that pressed long is lifted
  if (target.closest(".select-start")) return select(!root.classList.contains("selecting"));
  if (target.closest(".select-none")) return select(false);
  if (target.closest("dialog.ask [data-close]")) return target.closest("dialog").close();
  const month = target.closest(".select-all")?.closest(".month");
  if (month) {
    const inside = [...month.querySelectorAll(".tick input")];
    const isOn = inside.some((tick) => !tick.checked);
    for (const tick of inside) tick.checked = isOn;
    const [first, end] = [document.querySelector("#grid > .month"), [...document.querySelectorAll("#grid > .month")].at(-1)];
    const goesOn = (month === end && document.querySelector("#more")) || (month === first && document.querySelector("#newer"));
    isCut = isOn && !!goesOn;
    return select(true);
  }
  if (target.matches(".tick input")) return tickThrough(target, event.shiftKey);
  const photo = root.classList.contains("selecting") && target.closest("#grid .photos a");
  if (photo && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    const tick = photo.parentElement.querySelector(".tick input");
    tick.checked = !tick.checked;
    tickThrough(tick, event.shiftKey);
  }
});

// A finger held still on a photo selects it. A finger that moves scrolls.
let press = null;

function endPress() {
  const ended = press;
  clearTimeout(ended?.timer);
  // The click that may follow has to know of the press.
  setTimeout(() => press === ended && (press = null), ended?.isDone ? AFTERWARDS_MS : 0);
}

document.addEventListener("pointerdown", (event) => {
  clearTimeout(press?.timer);
  press = null;
  const item = event.pointerType === "touch" && event.isPrimary && event.target.closest("#grid .photos a")?.parentElement;
  if (!item) return;
  press = { x: event.clientX, y: event.clientY, isDone: false, timer: setTimeout(() => pressed(item), LONG_PRESS_MS) };
});
document.addEventListener("pointermove", (event) => {
  if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLOP_PX) endPress();
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, endPress);
// Where a mouse would open a menu a finger selects.
document.addEventListener("contextmenu", (event) => press && event.preventDefault());

function pressed(item) {
  press.isDone = true;
  const tick = item.querySelector(".tick input");
  tick.checked = !tick.checked;
  navigator.vibrate?.(10);
  tickThrough(tick, false);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && root.classList.contains("selecting") && !document.querySelector("dialog[open]")) select(false);
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "selection") return;
  const { submitter } = event;
  if (submitter?.hasAttribute("data-ask-album")) askAlbum(event);
  else if (submitter?.hasAttribute("data-take-out")) takeOut(event);
  else if (!submitter?.hasAttribute("formaction")) askDelete(event); // what leads elsewhere is sent as it is
});

const chosen = () => ticked().map((tick) => tick.value).join();

function askDelete(event) {
  event.preventDefault();
  const dialog = document.querySelector("#ask-delete");
  dialog.querySelector("[name=ids]").value = chosen();
  show();
  dialog.showModal();
}

/** What the form of the selection sends besides the ticks. */
function sent(form) {
  const [token, next] = ["csrfmiddlewaretoken", "next"].map((name) => form.elements[name].value);
  return { csrfmiddlewaretoken: token, next, ids: chosen() };
}

function askAlbum(event) {
  event.preventDefault();
  const { target: form, submitter } = event;
  const dialog = document.querySelector("#ask-album");
  dialog.querySelector("#choose").replaceChildren();
  dialog.showModal();
  htmx.ajax("POST", submitter.formAction, { source: dialog, values: sent(form), target: "#choose", swap: "outerHTML" });
}

function takeOut(event) {
  event.preventDefault();
  const { target: form, submitter } = event;
  htmx.ajax("POST", submitter.formAction, { source: submitter, values: sent(form), swap: "none" });
}

document.addEventListener("htmx:afterRequest", (event) => {
  const choose = event.target.closest?.("#ask-album")?.querySelector("#choose");
  if (choose && !event.detail.successful && event.detail.xhr?.status !== 422) choose.textContent = choose.dataset.failed ?? "";
});

// Once they are in the album the selection has served.
document.addEventListener(
  "close",
  (event) => event.target.id === "ask-album" && event.target.querySelector("[data-done]") && select(false),
  true,
);

/** The photo that follows the selected ones, or else the last one before them. */
function afterwards() {
  const all = ticks();
  const end = all.findLastIndex((tick) => tick.checked);
  const next = all.slice(end + 1).find((tick) => !tick.checked) || all.slice(0, end).findLast((tick) => !tick.checked);
  return next?.closest("li");
}

// Nothing is left of this page of photos: it is loaded again, and its heading has the focus.
const AFTER_RELOAD = "focus-heading";

function reloadToHeading() {
  history.replaceState({ ...history.state, [AFTER_RELOAD]: true }, "");
  location.reload();
}

if (history.state?.[AFTER_RELOAD]) {
  history.replaceState({ ...history.state, [AFTER_RELOAD]: false }, "");
  const heading = document.querySelector("h1, .empty h2");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

document.addEventListener("htmx:afterRequest", (event) => {
  const dialog = event.target.closest?.("#ask-delete");
  if (!event.detail.successful || !(dialog || event.target.matches?.("[data-take-out]"))) return;
  dialog?.close();
  const next = afterwards();
  for (const tick of ticked()) tick.closest("li").remove();
  for (const month of document.querySelectorAll("#grid .month")) if (!month.querySelector("li")) month.remove();
  select(false);
  if (!document.querySelector("#grid .month")) return reloadToHeading();
  next.querySelector("a").focus({ preventScroll: true });
  // Counts on the page follow from the server, the place in the grid stays.
  htmx.ajax("GET", location.pathname + location.search, { target: "#head", select: "#head", swap: "outerHTML show:none" });
});

show();
