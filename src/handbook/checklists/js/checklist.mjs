import { evaluate, fillWords, isObject } from "./evaluate.mjs";
import {
  makeCalendar,
  makeMarkdown,
  makeMessage,
  makePlan,
  makeReview,
  planSections,
  toJson,
} from "./documents.mjs";

/**
 * Draw a checklist into an element, with the HTML that comes in payload.html.
 *
 * options: answers, notes; onChange(answers, notes); today (ISO date).
 * Returns {update(answers, notes), destroy()}.
 */
export function mount(element, payload, options) {
  const kinds = { confirm: confirmKind, situations: finderKind, form: formKind };
  const own = `checklist-${Math.random().toString(36).slice(2, 9)}-`;
  element.innerHTML = payload.html.replaceAll("checklist-0-", own);
  const { replace } = mountKind(element, payload, kinds[payload.definition.kind](), options);
  return { update: replace, destroy: () => element.replaceChildren() };
}

/**
 * Bring a checklist to life whose HTML stands in the element.
 *
 * kind: show(shell); take(shell, input) for what was entered; actions of its buttons.
 * options, beside those of `mount`: page (whether it stands on a page of the book), and storage
 * (a localStorage).
 */
export function mountKind(element, payload, kind, { page, storage, onChange, ...options }) {
  const { definition, words } = payload;
  const today = options.today || localToday();
  const root = element.querySelector(".checklist-drawn");
  root.querySelectorAll("[data-plain]").forEach((one) => one.remove());
  root.querySelectorAll("[data-script]").forEach((one) => {
    one.hidden = false;
  });
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const shell = {
    page,
    payload,
    definition,
    words,
    today,
    root,
    part,
    answers: {},
    notes: {},
    touched: new Set(),
    items: Object.fromEntries(
      definition.sections.flatMap(({ items }) => items.map((item) => [item.id, item])),
    ),
  };
  const say = (...said) => part("notice").replaceChildren(...said);
  const refresh = () => {
    shell.result = evaluate(payload, shell.answers, today);
    kind.show(shell);
  };
  const replace = (answers, notes) => {
    shell.answers = { ...answers };
    shell.notes = { ...notes };
    refresh();
  };
  Object.assign(shell, { refresh, replace });
  let problem;
  const changed = () => {
    say();
    if (storage) {
      problem = writeStored(storage, definition, shell.answers, shell.notes, today);
      if (problem) say(words[problem]);
      dispatchEvent(new CustomEvent("handbook-checklist", { detail: shell }));
    }
    if (onChange) onChange({ ...shell.answers }, { ...shell.notes });
    refresh();
  };
  const set = (answers, notes) => {
    shell.touched.clear();
    shell.tried = false;
    shell.answers = answers;
    shell.notes = notes;
    changed();
  };

  const actions = {
    jump({ dataset }, _, event) {
      event.preventDefault();
      const row = root.querySelector(`[data-item="${dataset.to}"]`);
      if (row.hidden) {
        part("short").checked = false;
        refresh();
      }
      const target = row.querySelector(":checked") || row.querySelector("input, select, textarea");
      target.focus();
      target.scrollIntoView({ block: "center" });
    },
    copy: (button) => copyText(words, button),
    clear() {
      const { answers, notes } = shell;
      set({}, {});
      const undo = draw("button", { type: "button", class: "checklist-button" }, words.restore);
      undo.addEventListener("click", () => {
        set(answers, notes);
        say(words.restored);
      });
      say(words.cleared, " ", undo);
    },
    delete() {
      if (!confirm(words.delete_ask)) return;
      set({}, {});
      say(words.deleted);
    },
    print: () => print(),
    ...kind.actions,
  };
  // The field keeps its focus until the click: an error that appears would move the button away.
  root.addEventListener("mousedown", (event) => {
    if (event.target.closest("button")) event.preventDefault();
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do](button, shell, event);
  });
  root.addEventListener("input", ({ target }) => {
    if (kind.take(shell, target)) changed();
    else refresh();
  });
  root.addEventListener("change", ({ target }) => {
    const row = target.closest("[data-item]");
    if (!row || shell.touched.has(row.dataset.item)) return;
    shell.touched.add(row.dataset.item);
    refresh();
  });

  // What another copy on this page does, or another tab.
  const listening = (page && kind.listening) || {};
  // Back: the browser puts in what its history kept, or shows the page as it was left.
  if (page) listening.pageshow = refresh;
  if (storage) {
    listening.pageshow = ({ persisted }) => {
      const { answers, notes, said } = persisted ? readStored(storage, definition, today) : shell;
      if (problem || said === "not_kept") refresh();
      else replace(answers, notes);
    };
    listening["handbook-checklist"] = ({ detail }) => {
      if (detail !== shell && detail.definition.id === definition.id) {
        replace(detail.answers, detail.notes);
      }
    };
    listening.storage = ({ key }) => {
      if (key && key !== storageKey(definition)) return;
      const { answers, notes } = readStored(storage, definition, today);
      replace(answers, notes);
    };
  }
  Object.entries(listening).forEach(([name, follow]) => addEventListener(name, follow));

  const kept = storage ? readStored(storage, definition, today) : options;
  Object.keys(kept.answers || {}).forEach((id) => shell.touched.add(id));
  replace(kept.answers, kept.notes);
  if (kept.said) say(words[kept.said]);
  return shell;
}

/** Bring every checklist of a page to life; called when the page's script runs. */
export function mountPage(kinds) {
  const storage = openStorage();
  document.querySelectorAll(".checklist[data-kind]").forEach((element) => {
    const payload = JSON.parse(element.querySelector("script").textContent);
    const { kind } = payload.definition;
    const keeping = kind === "situations" ? {} : { storage };
    mountKind(element, payload, kinds[kind](), { page: true, ...keeping });
  });
}

/** Say how far forms are on this device, where only links to them stand. */
export function countPage() {
  const storage = openStorage();
  const show = () =>
    document.querySelectorAll("[data-count]").forEach(({ dataset, lastElementChild }) => {
      const { answers } = readStored(storage, dataset, localToday());
      const n = Object.keys(answers).length;
      lastElementChild.textContent = n ? fillWords(dataset.count, { n }) : "";
    });
  show();
  addEventListener("storage", show);
}

/** Return the browser's storage, something that refuses where it has none. */
export function openStorage() {
  let storage = {};
  try {
    storage = localStorage;
    sweepStored(storage, localToday());
  } catch {
    // said beside the checklist, once it would keep something
  }
  return storage;
}

/* What is kept on the device. A storage that is missing or full throws. */

export function storageKey({ id, version }) {
  return `handbook:1:${id}:${version}`;
}

/** Return {answers, notes, said}: what was kept, and the name of a word when something was not. */
export function readStored(storage, definition, today) {
  const key = storageKey(definition);
  let said;
  try {
    const text = storage.getItem(key);
    for (const older of storedKeys(storage)) {
      if (older !== key && older.startsWith(`handbook:1:${definition.id}:`)) {
        storage.removeItem(older);
        said = "other_version";
      }
    }
    if (!text) return { answers: {}, notes: {}, said };
    const { answers, notes, expires_on: last } = JSON.parse(text) || {};
    if (last < today) said = "expired";
    else if (isObject(answers) && isObject(notes)) return { answers, notes, said };
    else said = "unreadable";
  } catch (error) {
    said = error instanceof SyntaxError ? "unreadable" : "not_kept";
  }
  try {
    storage.removeItem(key);
  } catch {
    said = "not_kept";
  }
  return { answers: {}, notes: {}, said };
}

/** Keep the answers, no key when there are none; return the name of a word when that failed. */
export function writeStored(storage, definition, answers, notes, today) {
  const { id, version, kind } = definition;
  const key = storageKey(definition);
  const record = {
    schema: "handbook-answers/1",
    checklist: id,
    version,
    answers,
    notes,
    saved_on: today,
    expires_on: kind === "form" ? addDays(today, 90) : undefined,
  };
  try {
    if (isEmpty(answers) && isEmpty(notes)) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(record));
    return "";
  } catch (error) {
    return error.name === "QuotaExceededError" ? "full" : "not_kept";
  }
}

/** Remove forms whose time is over, also those of other pages. */
export function sweepStored(storage, today) {
  for (const key of storedKeys(storage)) {
    const day = /"expires_on":"([\d-]+)"\}$/.exec(storage.getItem(key));
    const here = document.querySelector(`[data-id="${key.split(":")[2]}"]`);
    if (day && day[1] < today && !here) storage.removeItem(key);
  }
}

export function storedKeys(storage) {
  const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i));
  return keys.filter((key) => key.startsWith("handbook:1:"));
}

export function localToday() {
  const now = new Date();
  return new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
}

export function addDays(day, n) {
  return new Date(Date.parse(day) + n * 86400000).toISOString().slice(0, 10);
}

/* Small things */

/** Return whether nothing was answered: open, no text, an empty list. */
export function isEmpty(value) {
  return value && typeof value === "object" ? !Object.keys(value).length : !value && value !== 0;
}

/** Return the number that was typed, with point or comma; what is none stays text. */
export function parseNumber(text) {
  const tidy = text.trim();
  return /^-?\d+([.,]\d+)?$/.test(tidy) ? Number(tidy.replace(",", ".")) : tidy;
}

/** Return an element with attributes and children; what a reader typed is only ever text. */
export function draw(tag, attributes, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children.flat(9).filter(Boolean));
  return element;
}

/** Put a text where it is to be read aloud, once. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

/** The ids of the rules in brackets, each a link where the rule has an address. */
export function drawRules({ payload }, rules) {
  const links = (rules || []).map((id, i) => {
    const href = payload.rules[id];
    return [i ? ", " : "", href ? draw("a", { href }, id) : id];
  });
  return links.length > 0 && draw("span", { class: "checklist-rules" }, " (", links, ")");
}

/** A statement; what is not the guidelines' own says so before it is read. */
export function drawStatement(shell, { text, rules, origin, source, note }) {
  const from = shell.words[`${origin}_from`];
  return [
    from && draw("span", { class: "checklist-origin" }, fillWords(from, { source })),
    from && " ",
    text,
    drawRules(shell, rules),
    note && draw("span", { class: "checklist-note" }, ` ${note}`),
  ];
}

/** Contacts: visible text, a link, and a button that copies. */
export function drawContacts({ words, payload }, contacts) {
  const drawOne = ({ contact, urgency, note }) => {
    const known = payload.organisation.contacts[contact];
    const name = known ? known.name : words[contact];
    const address = known && (known.email || known.phone);
    const href = known && `${known.email ? "mailto" : "tel"}:${address}`;
    const said = [words[`urgency_${urgency}`], note].filter(Boolean).map((text) => `, ${text}`);
    return draw(
      "li",
      {},
      draw("strong", {}, name[0].toUpperCase() + name.slice(1)),
      said,
      ": ",
      address
        ? [draw("a", { href }, address), " ", drawCopy(words, address)]
        : known
          ? words.no_address
          : words[`no_${contact}_address`],
    );
  };
  return draw("ul", { class: "checklist-contacts" }, contacts.map(drawOne));
}

export function drawCopy(words, what) {
  const label = fillWords(words.copy_of, { what });
  return [drawButton(words.copy, "copy", { "aria-label": label }), draw("span", { role: "status" })];
}

export function drawButton(text, action, more) {
  const attributes = { type: "button", class: "checklist-button", "data-do": action };
  return draw("button", { ...attributes, ...more }, text);
}

/** Copy what stands before the button, or where that is not allowed, select it for the reader. */
export async function copyText(words, button) {
  const place = button.previousElementSibling;
  const text = place.value || place.textContent;
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (place.select) place.select();
    else getSelection().selectAllChildren(place);
    done = document.execCommand("copy");
  }
  const said = done ? fillWords(words.copied, { what: place.value ? words.message_title : text }) : words.copy_by_hand;
  button.nextElementSibling.textContent = ` ${said}`;
}

/** Move the focus to what is to be read next: what is to be mended, or the answer. */
export function goTo(button, { part }) {
  const place = [part("summary"), part("answer")].find((one) => one && !one.hidden);
  place.focus();
  place.scrollIntoView();
}

/** Show those contacts of the HTML that a result names. */
export function showContacts({ root, result }) {
  root.querySelectorAll("[data-contact]").forEach((one) => {
    one.hidden = !result.contacts.includes(one.dataset.contact);
  });
}

/* Confirm list */

export function confirmKind() {
  const note = (button) => {
    button.hidden = true;
    button.nextElementSibling.hidden = false;
    button.nextElementSibling.lastElementChild.focus();
  };
  return { show: showConfirm, take: takeConfirm, actions: { note } };
}

/** Take over what was ticked or noted. */
export function takeConfirm({ answers, notes }, input) {
  const { item } = input.closest("[data-item]").dataset;
  const isBox = input.type === "checkbox";
  const into = isBox ? answers : notes;
  if (isBox ? input.checked : input.value) into[item] = input.value;
  else delete into[item];
  return true;
}

export function showConfirm(shell) {
  const { root, part, words, answers, notes, result } = shell;
  const { answered, of } = result.progress;
  const texts = {};
  root.querySelectorAll("[data-item]").forEach((row) => {
    const { item } = row.dataset;
    row.hidden = !result.visible.includes(item);
    row.querySelectorAll("input").forEach((box) => {
      box.checked = box.value === answers[item];
    });
    texts[item] = row.querySelector("label").textContent;
    const note = row.querySelector("textarea");
    if (!note) return;
    const kept = notes[item] || "";
    if (note.value !== kept) note.value = kept;
    const shown = Boolean(kept) || note === document.activeElement;
    note.parentElement.hidden = !shown;
    note.parentElement.previousElementSibling.hidden = shown;
  });
  part("bar").max = of || 1;
  part("bar").value = answered;
  setText(part("said"), `${fillWords(words.progress, { n: answered, of })}. ${result.text}`);
  showContacts(shell);
  part("more").hidden = !result.open.length;
  part("open").replaceChildren(...result.open.map((id) => drawJump(id, texts[id])));
}

/** A line of a list that moves the focus to an item and leaves the address as it is. */
export function drawJump(id, text) {
  return draw("li", {}, draw("a", { href: "#", "data-do": "jump", "data-to": id }, text));
}

/* Situation finder */

export function finderKind() {
  const listening = {
    hashchange: () => openSituation(location.hash),
    click: ({ target }) => openSituation(target.closest("a") ? target.closest("a").hash : ""),
  };
  return { show: showFinder, take: takeFinder, actions: { see: goTo }, listening };
}

export function takeFinder(shell) {
  const chosen = [...shell.root.querySelectorAll("input")].filter((box) => box.checked);
  shell.answers = chosen.length ? { chosen: chosen.map((box) => box.value) } : {};
  return true;
}

export function showFinder(shell) {
  const { root, part, words, result } = shell;
  const chosen = shell.answers.chosen || [];
  root.querySelectorAll("input").forEach((box) => {
    box.checked = chosen.includes(box.value);
    const section = shell.page && document.getElementById(`situation-${box.value}`);
    if (section) section.hidden = chosen.length > 0 && !box.checked;
  });
  document.querySelectorAll("[id^=situation-]").forEach(({ parentElement: group }) => {
    const shown = shell.page && group.querySelector(":scope > [id^=situation-]:not([hidden])");
    if (shell.page) group.hidden = !shown;
  });
  const n = chosen.length;
  part("actions").hidden = part("said").nextElementSibling.hidden = !n;
  setText(part("said"), n ? fillWords(words.chosen, { n }) : words.none_chosen);
  part("answer").replaceChildren(...(n ? drawAnswer(shell, result) : []));
}

/** What to do, contacts first; what the source is silent on says so. */
export function drawAnswer(shell, found) {
  const { words } = shell;
  const list = (tag, statements) =>
    statements.length > 0 && draw(tag, {}, statements.map((one) => draw("li", {}, drawStatement(shell, one))));
  const parts = [
    [words.contacts, drawContacts(shell, found.contacts)],
    [words.first, list("ol", found.first)],
    [words.do_not, list("ul", found.do_not)],
    [words.know, list("ul", found.know)],
    [words.silent, list("ul", found.silent.map((text) => ({ text })))],
    [words.rules, drawRules(shell, found.rules)],
  ];
  return [
    draw("p", { class: "checklist-title", role: "heading", "aria-level": 2 }, words.what_to_do),
    draw("p", {}, found.text || ""),
    draw(
      "dl",
      {},
      parts.filter(([, one]) => one).map(([title, one]) => [draw("dt", {}, title), draw("dd", {}, one)]),
    ),
  ];
}

/** Show a situation to whoever follows its address, whatever is chosen. */
export function openSituation(hash) {
  const section = hash.startsWith("#situation-") && document.getElementById(hash.slice(1));
  if (section) section.hidden = section.parentElement.hidden = false;
}

/* Form */

export function formKind() {
  const see = (button, shell) => {
    shell.tried = true;
    shell.refresh();
    goTo(button, shell);
  };
  const pause = (button) => {
    const row = button.previousElementSibling;
    row.after(copyPause(row));
    row.nextElementSibling.querySelector("input").focus();
  };
  const same = ({ dataset, parentElement }, shell) => {
    const input = parentElement.querySelector("input, textarea");
    input.value = shell.answers[dataset.source] || "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  };
  const save = ({ dataset }, shell) => {
    download(dataset.file, dataset.type, shell.files[dataset.file]);
  };
  return { show: showForm, take: takeForm, actions: { see, pause, same, save } };
}

/** Take over the answer that an input belongs to; return whether it belongs to one. */
export function takeForm({ answers, items }, input) {
  const row = input.closest("[data-item]");
  if (!row) return false;
  const { item } = row.dataset;
  const value = readControl(row, items[item].type);
  if (isEmpty(value)) delete answers[item];
  else answers[item] = value;
  return true;
}

export function showForm(shell) {
  const { root, part, words, answers, items, result, tried } = shell;
  const { visible, errors, advice, missing, progress } = result;
  const short = part("short")?.checked;
  root.querySelectorAll("[data-item]").forEach((row) => {
    const { item: id } = row.dataset;
    const item = items[id];
    row.hidden = !visible.includes(id) || Boolean(short && !item.required_for);
    const value = answers[id];
    if (JSON.stringify(readControl(row, item.type) || "") !== JSON.stringify(value ?? "")) {
      writeControl(row, item.type, value);
    }
    const wrong = errors.filter(({ field }) => field === id && (tried || shell.touched.has(id)));
    setText(row.querySelector(".checklist-error"), wrong.map(({ text }) => text).join(" "));
    row.querySelectorAll("input, textarea").forEach((input) => {
      input.setAttribute("aria-invalid", wrong.length > 0);
    });
    const n = typeof value === "string" ? [...value].length : 0;
    const of = item.max_length || 500;
    const count = row.querySelector(".checklist-count");
    if (count) setText(count, n > of / 2 ? fillWords(words.characters, { n, of }) : "");
    const given = advice.filter(({ field }) => field === id);
    const place = row.querySelector(".checklist-advice");
    const codes = given.map(({ code }) => code).join();
    if (place && place.dataset.codes !== codes) {
      place.dataset.codes = codes;
      place.replaceChildren(...given.map((one) => draw("p", {}, drawStatement(shell, one))));
    }
  });
  root.querySelectorAll(".checklist-section").forEach((section) => {
    section.hidden = !section.querySelector("[data-item]:not([hidden])");
  });
  setText(part("said"), fillWords(words.progress, { n: progress.answered, of: progress.of }));
  const summary = part("summary");
  const toMend = errors.map(({ field, text }) => drawJump(field, `${items[field].text}: ${text}`));
  const toAdd = missing.map((id) => drawJump(id, items[id].text));
  const list = (title, lines) => (lines.length ? [draw("p", {}, title), draw("ul", {}, lines)] : []);
  summary.hidden = !tried || !toMend.length;
  summary.replaceChildren(...list(words.errors_title, toMend));
  part("missing").replaceChildren(...list(words.missing_title, toAdd));
  part("answer").hidden = !tried;
  if (tried) showRecord(shell);
}

/** Return what a question's control holds, as its type has it; nothing for no answer. */
export function readControl(row, type) {
  const inputs = [...row.querySelectorAll("input, select, textarea")];
  const [first, second, third] = inputs;
  const checked = inputs.filter((one) => one.checked).map((one) => one.value);
  switch (type) {
    case "confirm":
      return first.checked;
    case "choice":
      return checked[0];
    case "choices":
      return checked.length ? checked : "";
    case "number":
      return parseNumber(first.value);
    case "rate":
      return first.value.trim() && { number: parseNumber(first.value), per: second.value };
    case "target":
      if (third.checked) return third.value;
      return (first.value.trim() || second.value) && { members: parseNumber(first.value), by: second.value };
    case "pauses": {
      const days = inputs.map((one) => one.value);
      const pauses = days.map((start, i) => ({ start, end: days[i + 1] }));
      const given = pauses.filter(({ start, end }, i) => i % 2 === 0 && (start || end));
      return given.length ? given : "";
    }
    default:
      return first.value;
  }
}

/** Show an answer in a question's control. */
export function writeControl(row, type, value = "") {
  const inputs = [...row.querySelectorAll("input, select, textarea")];
  const [first, second, third] = inputs;
  if (type === "confirm") {
    first.checked = value === true;
  } else if (type === "choice" || type === "choices") {
    inputs.forEach((one) => {
      one.checked = type === "choice" ? one.value === value : value.includes(one.value);
    });
  } else if (type === "rate") {
    first.value = value.number ?? "";
    second.value = value.per || "week";
  } else if (type === "target") {
    third.checked = value === third.value;
    first.value = value.members ?? "";
    second.value = value.by || "";
  } else if (type === "pauses") {
    const rows = [...row.querySelectorAll(".checklist-row")];
    while (rows.length < value.length) {
      const copy = copyPause(rows.at(-1));
      rows.at(-1).after(copy);
      rows.push(copy);
    }
    rows.forEach((one, i) => {
      const [start, end] = one.querySelectorAll("input");
      start.value = value[i]?.start || "";
      end.value = value[i]?.end || "";
    });
  } else {
    first.value = value;
  }
}

export function copyPause(row) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll("input").forEach((one) => {
    one.value = "";
  });
  return copy;
}

/** Show what a form gives: the record, its files, and the messages about a plan. */
export function showRecord(shell) {
  const { root, part, payload, words, definition, answers, today, result } = shell;
  const { files } = words;
  part("outcome").textContent = result.text;
  showContacts(shell);
  if (!definition.result) return;
  const isPlan = definition.result === "plan";
  const record = (isPlan ? makePlan : makeReview)(payload, answers, today);
  const calendar = isPlan ? makeCalendar(record, payload) : "";
  shell.files = {
    [files[definition.result]]: toJson(record),
    [isPlan ? files.markdown : files.review_markdown]: makeMarkdown(record, payload),
    [files.calendar]: calendar,
  };
  part("record").replaceChildren(
    ...planSections(record, payload).flatMap(({ title, rows }) => [
      draw("p", { class: "checklist-title", role: "heading", "aria-level": 3 }, title),
      draw(
        "dl",
        {},
        rows.map(({ label, text, rules, origin, source }) => [
          draw("dt", {}, drawStatement(shell, { text: label, rules, origin, source })),
          draw("dd", {}, text),
        ]),
      ),
    ]),
  );
  if (!isPlan) return;
  root.querySelector(`[data-file="${files.calendar}"]`).hidden = !calendar;
  part("no-days").hidden = Boolean(calendar);
  root.querySelectorAll("[data-message]").forEach((area) => {
    const { to, subject, text, link } = makeMessage(record, payload, area.dataset.message);
    area.value = `${words.message_to}: ${to}\n${words.message_subject}: ${subject}\n\n${text}`;
    area.parentElement.querySelector("a").href = link;
  });
}

/** Give the reader a file that was made here. */
export function download(name, type, content) {
  const href = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  draw("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}
