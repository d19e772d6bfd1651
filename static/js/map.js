// A map that is wider than the screen begins where most of it is.
for (const frame of document.querySelectorAll(".map-frame")) {
  const first = frame.querySelector(".dot, .pin");
  if (first && frame.scrollWidth > frame.clientWidth) {
    const { left, width } = first.getBoundingClientRect();
    frame.scrollLeft += left + width / 2 - frame.getBoundingClientRect().left - frame.clientWidth / 2;
  }
}
