// Names that the theme leaves out, for people who hear the page.
(() => {
  document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
  const name = () => document.querySelectorAll("nav.md-code__nav:not([aria-label])").forEach((bar) => {
    const blocks = [...document.querySelectorAll("pre")];
    bar.setAttribute("aria-label", `Code block ${blocks.indexOf(bar.closest("pre") ?? bar.parentElement.querySelector("pre")) + 1}`);
  });
  // A table that is wider than the page must be scrolled by keyboard too.
  const reach = () => document.querySelectorAll(".md-typeset__scrollwrap").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
  });
  addEventListener("resize", reach);
  // The theme wraps tables and adds its buttons when they come into view.
  const look = () => { name(); reach(); };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
})();
