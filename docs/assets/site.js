// Names that the theme leaves out, for people who hear the page.
(() => {
  document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
  const name = () => document.querySelectorAll("nav.md-code__nav:not([aria-label])").forEach((bar) => {
    const blocks = [...document.querySelectorAll("pre")];
    bar.setAttribute("aria-label", `Code block ${blocks.indexOf(bar.closest("pre") ?? bar.parentElement.querySelector("pre")) + 1}`);
  });
  // The theme adds its buttons when a block comes into view.
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  name();
})();
