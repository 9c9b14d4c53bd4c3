// Searches the catalogue in this browser. Every text is set as text, never as HTML.
"use strict";

(() => {
  const PAGE = 100;
  const rows = (globalThis.pumpleakCatalogue || []).map(
    ([name, project, version, lab, form, makes, ions, summary, provides, runs, reproduces, checked, yanked]) => ({
      name, project, version, lab, form, makes, ions, summary, runs, reproduces, checked, yanked,
      words: [name, lab, ...makes, ...ions, summary, ...provides].join("\n").toLowerCase(),
    })
  );
  const form = document.getElementById("search");
  const table = document.getElementById("found");
  const body = table.tBodies[0];
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const fields = ["q", "makes", "ion", "lab", "form", "state"];
  let found = [];
  let shown = 0;

  function fill(name, values) {
    const select = form.elements[name];
    for (const value of [...new Set(values)].sort((a, b) => a.localeCompare(b))) {
      const option = document.createElement("option");
      option.value = option.textContent = value;
      select.append(option);
    }
  }

  function matches(row, words, given) {
    return words.every((word) => row.words.includes(word))
      && (!given.makes || row.makes.includes(given.makes))
      && (!given.ion || row.ions.includes(given.ion))
      && (!given.lab || row.lab === given.lab)
      && (!given.form || row.form === given.form)
      && (!given.state || row[given.state] === true);
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function mark(value, label) {
    const cell = element("td");
    cell.dataset.label = label;
    const [text, kind] = value === null ? ["– none stated", "none"] : value ? ["✓ yes", "yes"] : ["✗ no", "no"];
    cell.append(element("span", text, `mark ${kind}`));
    return cell;
  }

  function line(row) {
    const made = element("tr");
    const head = element("th");
    head.scope = "row";
    const link = element("a", row.name);
    link.href = `${encodeURIComponent(row.project)}/index.html`;
    head.append(link, " ", element("span", row.version, "version"));
    if (row.yanked) head.append(" ", element("span", "yanked", "mark no"));
    if (row.form === "card") head.append(" ", element("span", "card", "mark none"));
    head.append(element("p", row.summary, "summary"));
    made.append(head, element("td", row.makes.join(", ")), element("td", row.ions.join(", ")),
      element("td", row.lab), mark(row.runs, "runs"), mark(row.reproduces, "reproduces"));
    const cell = element("td");
    const time = element("time", row.checked.slice(0, 10));
    time.dateTime = row.checked;
    cell.append(time);
    made.append(cell);
    return made;
  }

  function show() {
    const next = found.slice(shown, shown + PAGE).map(line);
    shown += next.length;
    body.append(...next);
    more.hidden = shown >= found.length;
    more.textContent = `Show more (${found.length - shown} left)`;
  }

  function search() {
    const given = Object.fromEntries(fields.map((name) => [name, form.elements[name].value]));
    const words = given.q.toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.filter((row) => matches(row, words, given));
    shown = 0;
    body.replaceChildren();
    table.hidden = !found.length;
    count.textContent = !rows.length ? "Nothing is published here yet."
      : !found.length ? `Nothing found among ${rows.length}; use fewer words or filters.`
      : `${found.length} of ${rows.length}`;
    show();
    const kept = new URLSearchParams(Object.entries(given).filter(([, value]) => value)).toString();
    history.replaceState(null, "", kept ? `#${kept}` : location.pathname);
  }

  fill("ion", rows.flatMap((row) => row.ions));
  fill("lab", rows.map((row) => row.lab));
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (fields.includes(name)) form.elements[name].value = value;
  }
  form.addEventListener("input", search);
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    const first = shown;
    show();
    body.rows[first].querySelector("a").focus();
  });
  search();
})();
