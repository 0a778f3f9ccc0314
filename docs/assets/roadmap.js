// The roadmap's filters and the reader's own progress, kept in this browser. Without it the page is a list and a map.
(() => {
  const tools = document.getElementById("roadmap-tools");
  if (!tools) return;
  const KEY = "mlops-labs:skills";
  const entries = [...document.querySelectorAll(".skills > li")];
  const nodes = [...document.querySelectorAll(".map .node")];
  const edges = [...document.querySelectorAll(".map .edge")];
  const node = (id) => nodes.find((one) => one.dataset.skill === id);
  let done = new Set();
  try { done = new Set(JSON.parse(localStorage.getItem(KEY)) || []); } catch { /* begin anew */ }
  const keep = () => { try { localStorage.setItem(KEY, JSON.stringify([...done])); } catch { /* private window */ } };

  const make = (name, properties, ...children) => {
    const one = Object.assign(document.createElement(name), properties);
    one.append(...children);
    return one;
  };
  const state = make("p", { className: "question-state" });
  state.setAttribute("role", "status");

  const boxes = new Map();
  const show = (message = "") => {
    for (const entry of entries) {
      const id = entry.dataset.skill;
      boxes.get(id).checked = done.has(id);
      node(id)?.classList.toggle("done", done.has(id));
    }
    const count = entries.filter((entry) => done.has(entry.dataset.skill)).length;
    state.textContent = `${message} ${count} of ${entries.length} skills are marked as yours.`.trim();
  };
  for (const entry of entries) {
    const id = entry.dataset.skill;
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      if (box.checked) done.add(id); else done.delete(id);
      keep();
      show();
    });
    boxes.set(id, box);
    const title = entry.querySelector(".skill-title").textContent;
    const label = make("label", {}, box, " I can do this");
    box.setAttribute("aria-label", `I can do this: ${title}`);
    entry.append(make("p", {}, label));
  }

  const filter = make("select", {},
    make("option", { value: "", textContent: "everything" }),
    make("option", { value: "state:proved", textContent: "taught and graded" }),
    make("option", { value: "state:planned", textContent: "planned" }),
    make("option", { value: "own:", textContent: "not mine yet" }));
  const components = new Map(entries.map((one) => [one.dataset.component, one.querySelector(".skill-state").textContent.split("·").at(-1).trim()]));
  for (const [id, title] of [...components].sort()) filter.append(make("option", { value: `component:${id}`, textContent: title }));
  filter.addEventListener("change", () => {
    const [kind, value] = filter.value.split(":");
    for (const one of [...entries, ...nodes]) {
      const shown = !kind || (kind === "own" ? !done.has(one.dataset.skill) : one.dataset[kind] === value);
      one.classList.toggle("dim", !shown);
    }
  });

  const file = make("input", { type: "file", accept: ".json,application/json" });
  file.addEventListener("change", async () => {
    try {
      const read = JSON.parse(await file.files[0].text());
      if (read.format !== "mlops-labs-progress") throw new Error("not made by mlops");
      let found = 0;
      for (const entry of entries) {
        const proof = entry.dataset.proof.split(" ").filter(Boolean);
        const passed = proof.length && proof.every((task) => read.passed.includes(task));
        if (passed) { done.add(entry.dataset.skill); found += 1; }
      }
      keep();
      show(`${found} skills are proved by your graded work.`);
    } catch (error) {
      show(`That file could not be read (${error.message}). Make one with: mlops progress --to progress.json.`);
    }
    file.value = "";
  });
  const forget = make("button", { type: "button", textContent: "Forget my marks" });
  forget.addEventListener("click", () => { done.clear(); keep(); show("Forgotten."); });
  tools.append(
    make("label", {}, "Show ", filter),
    make("label", { className: "file" }, "Take over graded work (mlops progress --to FILE) ", file),
    forget, state);

  const near = (id, on) => {
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      if (from !== id && to !== id) continue;
      edge.classList.toggle("near", on);
      node(from === id ? to : from)?.classList.toggle("near", on);
    }
  };
  for (const one of nodes) {
    for (const [event, on] of [["mouseenter", true], ["focus", true], ["mouseleave", false], ["blur", false]]) {
      one.addEventListener(event, () => near(one.dataset.skill, on));
    }
  }
  show();
})();
