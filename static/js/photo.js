// The keys lead from a photo's page to its neighbours.
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest("input, details[open]")) return;
  const frame = event.target.closest(".photo-frame");
  if (frame && frame.scrollWidth > frame.clientWidth && event.key.startsWith("Arrow")) return; // they move a panorama
  const rel = { ArrowLeft: "prev", k: "prev", ArrowRight: "next", j: "next" }[event.key];
  const link = rel && document.querySelector(`.photo-steps a[rel=${rel}]`);
  if (link) link.click();
});

// The field has the focus once it is there.
document.addEventListener("toggle", (event) => event.target.matches(".caption-edit[open]") && event.target.querySelector("textarea").focus(), true);

// The viewer gave this address to a photo over a grid, and then the page was loaded again: the entry before is the grid's.
// The browser takes the two for one page and leaves this one standing; it has to be fetched.
const { pathname } = location;
addEventListener("popstate", () => location.pathname !== pathname && location.reload());

// What the network saw comes over the photo in place. Each map has its address, so that Back leads from one to the other.
const WHY = "#why";
let asking = null; // the link that was followed, until its answer is there
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.matches?.(".why-link, .why-close, .why-again")) asking = elt;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (!asking || event.detail.target?.id !== "why") return;
  const { href } = asking;
  if (href !== location.href) history.pushState(history.state, "", href);
  asking = null;
  const words = document.querySelector(".why-words");
  if (words) {
    words.focus({ preventScroll: true });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    document.querySelector(".photo-frame").scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  } else {
    opener?.isConnected && opener.focus({ preventScroll: true });
  }
});
let opener = null; // gets the focus back
document.addEventListener("click", (event) => {
  const link = event.target.closest(".why-link");
  if (link) opener = link;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("details[open], dialog[open]")) return;
  document.querySelector(".why-close")?.click();
});
addEventListener("popstate", () => {
  if (location.pathname === pathname && document.querySelector(WHY)) window.htmx.ajax("GET", location.href, { target: WHY, swap: "outerHTML" });
});
