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
