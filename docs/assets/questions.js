// Keeps count of self-check questions in this browser. Without it every answer can still be opened and read.
(() => {
  const KEY = "mlops-labs:questions";
  const questions = [...document.querySelectorAll(".question")];
  if (!questions.length) return;
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(KEY)) || {}; } catch { /* no storage, or not ours: begin anew */ }
  const keep = () => { try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* private window */ } };

  const tally = document.createElement("p");
  tally.className = "question-state";
  tally.setAttribute("role", "status");
  const again = document.createElement("button");
  again.className = "labs-button";
  again.textContent = "Answer again";
  questions.at(-1).after(tally, again);

  const show = () => {
    const names = questions.map((one) => one.dataset.question);
    const answered = names.filter((name) => name in kept);
    const right = answered.filter((name) => kept[name]);
    tally.textContent = answered.length
      ? `${answered.length} of ${names.length} answered, ${right.length} right at the first try.`
      : `${names.length} questions. Open the answer that you think is right.`;
    again.hidden = !answered.length;
  };

  for (const question of questions) {
    for (const choice of question.querySelectorAll("details.choice")) {
      choice.addEventListener("toggle", () => {
        if (!choice.open || question.dataset.question in kept) return;
        kept[question.dataset.question] = "right" in choice.dataset;
        keep();
        show();
      });
    }
  }
  again.addEventListener("click", () => {
    for (const question of questions) {
      delete kept[question.dataset.question];
      for (const choice of question.querySelectorAll("details[open]")) choice.open = false;
    }
    keep();
    show();
    questions[0].querySelector("summary").focus();
  });
  show();
})();
