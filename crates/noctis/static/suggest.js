// Suggestions below the search box while somebody types. Without this script the box leads to /search.
"use strict";
(() => {
  const PAUSE_MS = 60;
  const form = document.querySelector("form.search");
  const box = form.querySelector("input");
  const list = document.createElement("ul");
  let timer, request, chosen = -1;

  list.id = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id]]) box.setAttribute(name, value);

  function show(is_shown) {
    list.hidden = !is_shown;
    box.setAttribute("aria-expanded", is_shown);
    if (!is_shown) choose(-1);
  }

  function choose(place) {
    chosen = place;
    [...list.children].forEach((row, index) => row.setAttribute("aria-selected", index === place));
    if (place < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", list.children[place].id);
    list.children[place].scrollIntoView({ block: "nearest" });
  }

  function row(found, index) {
    const row = document.createElement("li");
    const link = document.createElement("a");
    const kind = document.createElement("small");
    row.id = `suggestion-${index}`;
    row.setAttribute("role", "option");
    link.href = `/${found.kind}/${found.id}`;
    link.tabIndex = -1;
    link.textContent = found.ticker ? `${found.name} [${found.ticker}]` : found.name;
    kind.textContent = found.kind;
    link.append(kind);
    row.append(link);
    return row;
  }

  async function ask() {
    request?.abort();
    request = new AbortController();
    const typed = box.value.trim();
    if (!typed) return show(false);
    try {
      const answer = await fetch(`/api/v1/suggest?q=${encodeURIComponent(typed)}`, { signal: request.signal });
      if (!answer.ok) return show(false);
      const { suggestions } = await answer.json();
      list.replaceChildren(...suggestions.map(row));
      choose(-1);
      show(suggestions.length > 0);
    } catch (error) {
      if (error.name !== "AbortError") show(false);
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener("keydown", (event) => {
    const rows = list.children.length;
    if (event.key === "Escape") return show(false);
    if (list.hidden || rows === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 && step < 0 ? rows - 1 : chosen + step >= rows ? -1 : Math.max(chosen + step, -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].firstChild.href);
    }
  });
  box.addEventListener("focus", () => { if (list.children.length && box.value.trim()) show(true); });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) show(false); });
  // A click takes the focus away before it arrives.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    const is_typing = event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === "/" && !is_typing) {
      event.preventDefault();
      box.focus();
    }
  });
})();
