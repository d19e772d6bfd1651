// The arrow keys lead from a photo's page to its neighbours.
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest("input, details[open]")) return;
  const frame = event.target.closest(".photo-frame");
  if (frame && frame.scrollWidth > frame.clientWidth) return; // the keys move a panorama in its frame
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && document.querySelector(`.photo-steps a[rel=${rel}]`);
  if (link) link.click();
});
