// A photo of the grid over the whole screen. The grid is the list: what it loads, the viewer can reach.
const AHEAD = 6; // photos left in the grid when the next page is asked for
const SWIPE_PX = 50;
let current = null; // the photo's item in the grid
let pushed = false; // whether opening added an entry to the history

const viewer = () => document.querySelector("#viewer");
const items = () => [...document.querySelectorAll("#grid .photos > li")];

function sized(image, size) {
  return image.getAttribute("src").replace(/\/\d+\.webp$/, `/${size}.webp`);
}

// The picture of the grid at once, a larger one over it as soon as it is here.
function load(image, photo) {
  const [w, h] = [photo.width, photo.height].map(Number);
  const width = (size) => Math.round(w * Math.min(1, size / Math.max(w, h)));
  image.style.setProperty("--r", w / h);
  image.style.setProperty("--widest", `${1.5 * w}px`); // a small photo need not be lost in a large room, nor be all blur
  image.style.setProperty("--p", photo.item.style.getPropertyValue("--p"));
  image.alt = photo.alt;
  image.removeAttribute("srcset");
  image.src = sized(photo.image, 480);
  const larger = new Image();
  larger.sizes = `min(100vw, ${Math.round((100 * w) / h)}vh)`;
  larger.srcset = [1440, 2880].map((size) => `${sized(photo.image, size)} ${width(size)}w`).join(", ");
  larger.decode().then(
    () => {
      if (photo.item !== current) return;
      image.sizes = larger.sizes;
      image.srcset = larger.srcset;
    },
    () => {}, // the picture of the grid stays
  );
}

function describe(item) {
  const image = item.querySelector("img");
  return { item, image, alt: image.alt, width: image.getAttribute("width"), height: image.getAttribute("height") };
}

function show(item) {
  current = item;
  const photo = describe(item);
  const dialog = viewer();
  // A new element each time: the old picture must not be stretched to the new one's shape while that loads.
  const old = dialog.querySelector(".viewer-photo");
  const image = old.cloneNode();
  load(image, photo);
  old.replaceWith(image);
  const words = photo.alt.replace(/^Photo, /, "");
  dialog.querySelector(".viewer-words").textContent = words.charAt(0).toUpperCase() + words.slice(1);
  dialog.querySelector(".viewer-details").href = item.querySelector("a").href;
  const all = items();
  const at = all.indexOf(item);
  dialog.querySelector(".newer").disabled = at <= 0;
  dialog.querySelector(".older").disabled = at === all.length - 1 && !document.querySelector("#more");
  for (const neighbour of [all[at + 1], all[at - 1]]) if (neighbour) new Image().src = sized(neighbour.querySelector("img"), 1440);
  if (all.length - at <= AHEAD) askForMore();
}

function askForMore() {
  const more = document.querySelector("#more");
  if (more && !more.classList.contains("htmx-request")) htmx.trigger(more, "intersect");
}

function open(item) {
  history.scrollRestoration = "manual"; // closing scrolls to the photo shown last, not to where this began
  history.pushState({ viewer: true }, "", item.querySelector("a").href);
  pushed = true;
  show(item);
  viewer().showModal();
}

function step(by) {
  const all = items();
  const next = all[all.indexOf(current) + by];
  if (!next) return;
  history.replaceState({ viewer: true }, "", next.querySelector("a").href);
  show(next);
}

function close() {
  viewer().close();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const dialog = viewer();
  if (!dialog) return;
  const link = event.target.closest("#grid .photos a");
  if (link && !document.documentElement.classList.contains("selecting")) {
    event.preventDefault();
    open(link.parentElement);
  } else if (event.target.closest(".viewer-details")) {
    event.preventDefault();
    openPage();
  } else if (event.target.closest(".viewer-close")) close();
  else if (event.target.closest(".viewer-step.older")) step(1);
  else if (event.target.closest(".viewer-step.newer")) step(-1);
  else if (event.target.closest("#viewer") && !event.target.closest(".viewer-photo, a, button")) close();
});

document.addEventListener("keydown", (event) => {
  if (!viewer()?.open || event.metaKey || event.ctrlKey || event.altKey) return;
  const keys = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), Escape: close, i: openPage };
  if (event.key in keys) {
    event.preventDefault();
    keys[event.key]();
  }
});

/** Open the photo's own page in place of the viewer: its address is the viewer's already, so that has to go first. */
function openPage() {
  const address = location.href;
  addEventListener("popstate", () => location.assign(address), { once: true });
  history.back();
}

addEventListener("popstate", (event) => {
  const dialog = viewer();
  if (event.state?.viewer) {
    const item = items().find((one) => one.querySelector("a").href === location.href);
    if (!item) return location.reload();
    pushed = true;
    show(item);
    if (!dialog.open) dialog.showModal();
  } else {
    pushed = false;
    if (dialog?.open) dialog.close();
    setTimeout(() => (history.scrollRestoration = "auto"));
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
    link.scrollIntoView({ block: "nearest", behavior: "instant" });
    link.focus({ preventScroll: true });
  },
  true,
);

let start = null;
document.addEventListener("pointerdown", (event) => {
  start = viewer()?.open && event.pointerType !== "mouse" ? { x: event.clientX, y: event.clientY } : null;
});
document.addEventListener("pointerup", (event) => {
  if (!start) return;
  const [x, y] = [event.clientX - start.x, event.clientY - start.y];
  start = null;
  if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) step(x < 0 ? 1 : -1);
  else if (y > 2 * SWIPE_PX && y > 2 * Math.abs(x)) close();
});

// The next page has come while the last photo was shown: the way on opens.
document.addEventListener("htmx:afterSettle", () => {
  if (viewer()?.open && current?.isConnected) viewer().querySelector(".older").disabled = current === items().at(-1);
});
