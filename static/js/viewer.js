// A photo of the grid over the whole screen. The grid is the list: what it loads, the viewer can reach.
const AHEAD = 6; // photos left in the grid when the next ones are asked for
const SLOP_PX = 8; // a finger moves as much while it taps
const SWIPE_PX = 50;
const FLICK_PX_PER_MS = 0.4;
const GAP_PX = 24; // between two photos that follow a finger
let current = null; // the photo's item in the grid
let pushed = false; // whether opening added an entry to the history
const laid = new Map(); // the pictures that a finger has drawn in beside the one shown, by their items

const viewer = () => document.querySelector("#viewer");
const stage = () => document.querySelector(".viewer-stage");
const items = () => [...document.querySelectorAll("#grid .photos > li")];
const beside = (item, by) => items()[items().indexOf(item) + by];
const ask = (side) => document.dispatchEvent(new CustomEvent("grid:ask", { detail: side }));

/** The picture of the grid at once, a larger one over it as soon as it is here. */
function pictureOf(item) {
  const shown = item.querySelector("img");
  const [w, h] = [shown.getAttribute("width"), shown.getAttribute("height")].map(Number);
  const image = new Image();
  image.className = "viewer-photo";
  image.decoding = "async";
  image.draggable = false;
  image.style.setProperty("--r", w / h);
  image.style.setProperty("--widest", `${1.5 * w}px`); // a small photo need not be lost in a large room, nor be all blur
  image.style.setProperty("--p", item.style.getPropertyValue("--p"));
  image.alt = shown.alt;
  image.src = shown.currentSrc || shown.src;
  const larger = enlarged(item);
  larger.decode().then(
    () => {
      image.sizes = larger.sizes;
      image.srcset = larger.srcset;
    },
    () => {}, // the picture of the grid stays
  );
  return image;
}

function enlarged(item) {
  const shown = item.querySelector("img");
  const larger = new Image();
  larger.sizes = `min(100vw, ${Math.round((100 * shown.getAttribute("width")) / shown.getAttribute("height"))}vh)`;
  larger.srcset = shown.dataset.large;
  return larger;
}

function show(item) {
  current = item;
  const image = laid.get(item) ?? pictureOf(item);
  laid.clear();
  image.alt = item.querySelector("img").alt;
  image.style.translate = "";
  stage().replaceChildren(image);
  describe(image.alt);
  viewer().querySelector(".viewer-details").href = item.querySelector("a").href;
  const similar = viewer().querySelector(".viewer-similar");
  similar.hidden = !similarTo(item); // what a link shares has no such page
  similar.href = similarTo(item);
  for (const neighbour of [beside(item, 1), beside(item, -1)]) if (neighbour) enlarged(neighbour);
  const all = items();
  const at = all.indexOf(item);
  if (all.length - at <= AHEAD) ask("more");
  if (at < AHEAD) ask("newer");
  showWays();
}

function describe(alt) {
  const words = alt.slice(alt.indexOf(", ") + 2); // without the word for a photo
  viewer().querySelector(".viewer-words").textContent = words.charAt(0).toUpperCase() + words.slice(1);
}

/** The page of photos like one, where that one is looked at; nothing where there is no such page. */
function similarTo(item) {
  const { pathname, searchParams } = new URL(item.querySelector("a").href);
  if (!/^\/photos\/\d+\/$/.test(pathname)) return "";
  return `${pathname}similar/${searchParams.get("of") ? "?of=everyone" : ""}`;
}

function showWays() {
  const all = items();
  const at = all.indexOf(current);
  viewer().querySelector(".newer").disabled = at <= 0 && !document.querySelector("#newer a[rel=prev]");
  viewer().querySelector(".older").disabled = at === all.length - 1 && !document.querySelector("#more");
}

function open(item) {
  document.dispatchEvent(new CustomEvent("grid:opened", { detail: item }));
  history.pushState({ viewer: true }, "", item.querySelector("a").href);
  pushed = true;
  show(item);
  showModal();
}

function showModal() {
  const root = document.documentElement;
  root.style.setProperty("--scrollbar", `${innerWidth - root.clientWidth}px`); // it goes while the viewer is open
  viewer().showModal();
}

function step(by) {
  const next = beside(current, by);
  if (!next) return false;
  history.replaceState({ viewer: true }, "", next.querySelector("a").href);
  show(next);
  return true;
}

function close() {
  viewer().close();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (!viewer()) return;
  const link = event.target.closest("#grid .photos a");
  if (link && !document.documentElement.classList.contains("selecting")) {
    event.preventDefault();
    open(link.parentElement);
  } else if (event.target.closest(".viewer-details")) {
    event.preventDefault();
    openPage(location.href);
  } else if (event.target.closest(".viewer-similar")) {
    event.preventDefault();
    openPage(viewer().querySelector(".viewer-similar").href);
  } else if (event.target.closest(".viewer-correct")) correct();
  else if (event.target.closest(".viewer-close")) close();
  else if (event.target.closest(".viewer-step.older")) step(1);
  else if (event.target.closest(".viewer-step.newer")) step(-1);
  else if (event.target.closest("#viewer") && !event.target.closest(".viewer-photo, a, button")) close();
});

document.addEventListener("keydown", (event) => {
  if (!viewer()?.open || document.querySelector("dialog.ask[open]") || event.metaKey || event.ctrlKey || event.altKey) return;
  const [older, newer] = [() => step(1), () => step(-1)];
  const keys = { ArrowRight: older, j: older, ArrowLeft: newer, k: newer, Escape: close, i: () => openPage(location.href), s: openSimilar, c: correct };
  if (event.key in keys) {
    event.preventDefault();
    keys[event.key]();
  }
});

const correct = () => viewer().querySelector(".viewer-correct") && document.dispatchEvent(new CustomEvent("correct:ask", { detail: current }));

// It was corrected, and may leave the list: then the next one is shown.
document.addEventListener("grid:corrected", (event) => {
  if (!viewer()?.open || !current) return;
  if (!event.detail.includes(current)) {
    const { alt } = current.querySelector("img");
    stage().querySelector(".viewer-photo").alt = alt;
    describe(alt);
  } else if (!step(1) && !step(-1)) close();
});

const openSimilar = () => similarTo(current) && openPage(similarTo(current));

/** Open a page in place of the viewer: the photo's own has the viewer's address already, so that has to go first. */
function openPage(address) {
  addEventListener("popstate", () => location.assign(address), { once: true });
  history.back();
}

addEventListener("popstate", (event) => {
  const dialog = viewer();
  if (event.state?.viewer) {
    const item = dialog && items().find((one) => one.querySelector("a").href === location.href);
    if (!item) return location.reload(); // not in this grid: its own page has the same address
    pushed = true;
    show(item);
    if (!dialog.open) showModal();
  } else {
    pushed = false;
    document.querySelector("dialog.ask[open]")?.close();
    if (dialog?.open) dialog.close();
  }
});

// However it was closed (a phone's back gesture closes a dialog by itself), the history follows.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.id !== "viewer" || !current || event.target.open) return; // the event is late: open again since
    if (pushed) {
      pushed = false;
      history.back();
    }
    const link = current.querySelector("a");
    current = null;
    laid.clear();
    stage().replaceChildren();
    event.target.style.removeProperty("--pull");
    link.scrollIntoView({ block: "nearest", behavior: "instant" });
    link.focus({ preventScroll: true });
  },
  true,
);

// A finger moves the photo: sideways to its neighbours, down to close.
let drag = null;
const isZoomed = () => (window.visualViewport?.scale ?? 1) > 1.01;

document.addEventListener("pointerdown", (event) => {
  if (drag) return letGo(true); // a second finger: the browser zooms
  if (!viewer()?.open || event.pointerType === "mouse" || isZoomed() || event.target.closest(".viewer-bar")) return;
  drag = { id: event.pointerId, x: event.clientX, y: event.clientY, since: event.timeStamp, axis: "" };
});

function follow(event) {
  const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.axis) {
    if (Math.hypot(x, y) < SLOP_PX) return [x, y];
    drag.axis = Math.abs(x) > Math.abs(y) ? "x" : "y";
    if (drag.axis === "x") for (const by of [-1, 1]) layBeside(by);
  }
  if (drag.axis === "x") stage().style.translate = `${beside(current, x < 0 ? 1 : -1) ? x : x / 3}px 0`;
  else {
    stage().style.translate = `0 ${Math.max(0, y)}px`;
    viewer().style.setProperty("--pull", Math.min(1, Math.max(0, y) / innerHeight).toFixed(3));
  }
  return [x, y];
}

function layBeside(by) {
  const item = beside(current, by);
  if (!item) return;
  const image = pictureOf(item);
  image.alt = ""; // not there yet for who listens
  image.style.translate = `${by * (innerWidth + GAP_PX)}px 0`;
  laid.set(item, image);
  stage().append(image);
}

document.addEventListener("pointermove", (event) => {
  if (drag?.id === event.pointerId) follow(event);
});
document.addEventListener("pointerup", (event) => drag?.id === event.pointerId && letGo(false, event));
document.addEventListener("pointercancel", (event) => drag?.id === event.pointerId && letGo(true));

function letGo(isCancelled, event) {
  const [x, y] = event ? follow(event) : [0, 0];
  const { axis, since } = drag;
  drag = null;
  if (!axis) return;
  const isFlick = (way) => Math.abs(way) > SWIPE_PX / 2 && Math.abs(way) / (event.timeStamp - since) > FLICK_PX_PER_MS;
  const isFar = (way, far) => !isCancelled && (Math.abs(way) > far || isFlick(way));
  const by = axis === "x" && isFar(x, SWIPE_PX) ? (x < 0 ? 1 : -1) : 0;
  if (by && beside(current, by)) settle(`${-by * (innerWidth + GAP_PX)}px 0`, () => step(by));
  else if (axis === "y" && y > 0 && isFar(y, 2 * SWIPE_PX)) settle(`0 ${innerHeight}px`, close, 1);
  else settle("0 0", comeBack);
}

function comeBack() {
  laid.clear();
  stage().replaceChildren(stage().firstElementChild);
}

/** Bring what a finger let go of to its end, then go on from there. */
function settle(translate, then, pull = 0) {
  const [moved, item] = [stage(), current];
  const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160;
  viewer().style.setProperty("--pull", pull);
  const going = moved.animate({ translate }, { duration, easing: "ease-out" });
  const finish = () => {
    moved.style.translate = "";
    if (current === item) then(); // nothing else has been shown meanwhile
  };
  going.finished.then(finish, finish);
}

// A photo that is zoomed into is moved by the browser, like any page.
window.visualViewport?.addEventListener("resize", () => viewer()?.classList.toggle("zoomed", isZoomed()));

// More photos have come while the last one was shown: the way on opens.
document.addEventListener("grid:grown", () => viewer()?.open && current?.isConnected && showWays());
