// In place of the theme's own script, which takes the focus from the buttons that it watches.

const marker = document.querySelector(".sbt-scroll-pixel-helper");
new IntersectionObserver(([entry]) => {
  document.body.classList.toggle("scrolled", entry.boundingClientRect.y < 0);
}).observe(marker);

// On a wide screen the button hides the list of pages; on a narrow one the theme opens it.
const toggle = document.querySelector(".primary-toggle");
const sidebar = document.querySelector("#pst-primary-sidebar");
toggle.addEventListener(
  "click",
  (event) => {
    if (matchMedia("(min-width: 960px)").matches) {
      event.stopImmediatePropagation();
      const hidden = sidebar.classList.toggle("pst-sidebar-hidden");
      toggle.setAttribute("aria-expanded", String(!hidden));
    }
  },
  true,
);
