// The grid as it grows: a month cut by a page's end becomes one again, and the years follow the scrolling.
function add(section, other, property) {
  const [own, more] = [section, other].map((one) => Number(one.style.getPropertyValue(property)) || 0);
  section.style.setProperty(property, own + more);
}

function join(section) {
  const before = section.previousElementSibling;
  if (before?.matches(".month") && before.dataset.month === section.dataset.month && section.dataset.month) {
    add(before, section, "--sum");
    add(before, section, "--n");
    before.querySelector(".photos").append(...section.querySelectorAll(".photos > li"));
    section.remove();
  } else if (before?.matches(".month") && !section.dataset.month) {
    // No headings: the first photos fill the row that the page before left short.
    const last = before.querySelector(".photos");
    const row = rowLeftShort(last);
    for (const photo of [...section.querySelectorAll(".photos > li")].slice(0, row)) last.append(photo);
  }
}

// How many more photos fit into the last row of a list, judged by the mean width of those before.
function rowLeftShort(list) {
  const photos = [...list.children];
  const end = photos.at(-1).getBoundingClientRect();
  const left = list.getBoundingClientRect().right - end.right;
  return Math.max(0, Math.round(left / end.width));
}

document.addEventListener("htmx:afterSettle", () => {
  const sections = [...document.querySelectorAll("#grid > .month:not([data-joined])")];
  for (const section of sections) {
    section.dataset.joined = "";
    join(section);
  }
  followYears();
});
for (const section of document.querySelectorAll("#grid > .month")) section.dataset.joined = "";

const seen = new Set();
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target) : seen.delete(target);
    const top = [...seen].filter((s) => s.isConnected).sort((a, b) => a.offsetTop - b.offsetTop)[0];
    const year = top?.dataset.month.slice(0, 4);
    if (!year) return;
    for (const link of document.querySelectorAll(".years a")) {
      if (link.dataset.year === year) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  },
  { rootMargin: "-64px 0px -50% 0px" },
);
function followYears() {
  for (const section of document.querySelectorAll(".month[data-month]")) watcher.observe(section);
}
followYears();

// A year whose photos are here already is a scroll away, not a page.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".years a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const months = [...document.querySelectorAll(".month")];
  const target = months.find((month) => month.dataset.month.startsWith(link.dataset.year));
  // The first month on the page may be cut by its start; then only the page of the year shows all of it.
  if (target && (target !== months[0] || !document.querySelector(".newer"))) {
    event.preventDefault();
    target.scrollIntoView();
  }
});
