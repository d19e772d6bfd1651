// The pictograph by keyboard: arrows go to the tile that lies in that direction, Escape goes up one level.

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function middle(element) {
  const box = element.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** The nearest tile that lies more along `step` than beside it. */
function neighbour(from, step) {
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const tile of document.querySelectorAll("#treemap a")) {
    const [dx, dy] = middle(tile).map((value, axis) => value - [x, y][axis]);
    const along = dx * step[0] + dy * step[1];
    const beside = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
    if (tile === from || along <= 1 || !tile.offsetParent) continue;
    const distance = along + 2 * beside;
    if (distance < least) [best, least] = [tile, distance];
  }
  return best;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const tile = event.target.closest?.("#treemap a");
  if (tile && steps[event.key]) {
    const next = neighbour(tile, steps[event.key]);
    if (next) {
      next.focus();
      event.preventDefault();
    }
  } else if (event.key === "Escape" && !document.querySelector("details.menu[open], dialog[open]")) {
    document.querySelector(".trail a[rel=up]")?.click();
  }
});

// A year takes the place of the one before, in the history too: Back goes to where one came from.
document.addEventListener("htmx:afterSwap", (event) => {
  const link = event.detail.requestConfig?.elt;
  if (event.detail.successful !== false && link?.matches?.(".when a")) history.replaceState(history.state, "", link.href);
});
