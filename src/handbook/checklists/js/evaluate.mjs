// What the answers to a checklist give. evaluate.py is the same in Python, and describes it.

export const BLANK_CHARACTERS =
  "\\0-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
const BLANK_ENDS = new RegExp(`^[${BLANK_CHARACTERS}]+|[${BLANK_CHARACTERS}]+$`, "g");
const EMAIL = new RegExp(`^[^@${BLANK_CHARACTERS}]+@[^@${BLANK_CHARACTERS}]+\\.[^@${BLANK_CHARACTERS}]+$`);
const HTTPS = new RegExp(`^https://[^${BLANK_CHARACTERS}/?#][^${BLANK_CHARACTERS}]*$`);
const ROLES = new RegExp(`[,;/&+\\n\\r]|[${BLANK_CHARACTERS}](?:and|ja|och)(?=[${BLANK_CHARACTERS}])`, "i");
const NAME_PARTS = /^[a-z]{2,}(?:[._][a-z-]+)*[._][a-z-]{2,}\d*$/;
const NUMBER_MOST = 1000000000;
const WEEKS_PER_MONTH = 52 / 12;
export const MS_PER_DAY = 86400000;
const CONTACT_ORDER = ["emergency", "information_security", "communications", "harassment"];
const NOTHING = [null, null];

/** Return what answers give; `today` is an ISO date. */
export function evaluate(payload, answers, today) {
  const { kind, outcomes } = payload.definition;
  const state = {
    payload,
    today,
    visible: [],
    values: Object.create(null),
    open: [],
    missing: [],
    errors: Object.create(null),
    chosen: [],
  };
  ({ confirm: readPoints, situations: readChoice, form: readForm })[kind](state, answers || {});
  const outcome = outcomes.find(({ when }) => holds(when, state));
  const result = {
    kind,
    outcome: outcome.id,
    text: outcome.text,
    contacts: outcome.contacts,
    rules: outcome.rules || [],
    visible: state.visible,
  };
  if (kind === "situations") {
    return { ...result, ...(state.chosen.length ? mergeAnswers(state) : pointTo(outcome)) };
  }
  result.open = state.open;
  result.progress = {
    answered: state.visible.length - state.open.length,
    of: state.visible.length,
  };
  if (kind === "form") {
    result.missing = state.missing;
    result.errors = state.visible
      .filter((id) => state.errors[id])
      .map((id) => makeError(payload, id, state.errors[id]));
    result.advice = findAdvice(state);
  }
  return result;
}

/** Return the items of a checklist, in order. */
export function findItems(payload) {
  return payload.definition.sections.flatMap(({ items }) => items);
}

function idsOf(item) {
  return [item.id, ...(item.aliases || []).map(({ id }) => id)];
}

function readPoints(state, answers) {
  for (const { id, when } of findItems(state.payload)) {
    if (!holds(when, state)) continue;
    state.visible.push(id);
    if (["done", "not applicable"].includes(answers[id])) state.values[id] = answers[id];
    else state.open.push(id);
  }
}

function readChoice(state, { chosen }) {
  for (const item of findItems(state.payload)) {
    state.visible.push(item.id);
    if (Array.isArray(chosen)) {
      state.chosen.push(...idsOf(item).filter((id) => chosen.includes(id)));
    }
  }
  if (!state.chosen.length) state.open = state.visible;
}

function readForm(state, answers) {
  const items = findItems(state.payload);
  for (const item of items) {
    const { id } = item;
    if (!holds(item.when, state)) continue;
    state.visible.push(id);
    const [value, error] = READERS[item.type](item, answers[id], state);
    if (error) state.errors[id] = error;
    else if (value !== null) state.values[id] = value;
    else {
      state.open.push(id);
      if (item.required_for) state.missing.push(id);
    }
  }
  items
    .filter((item) => item.id in state.values && clashes(item, state))
    .forEach(({ id }) => delete state.values[id]);
}

function wrong(code, filled) {
  return [null, { code, ...filled }];
}

/** Return a text without blanks around it; an empty one for anything else. */
export function trimText(value) {
  return typeof value === "string" ? value.replace(BLANK_ENDS, "") : "";
}

function readText(item, answer) {
  const text = trimText(answer);
  const { length } = [...text];
  if (!text) return NOTHING;
  if (length > item.max_length) return wrong("too-long", { max: item.max_length, found: length });
  if (item.type === "email" && !EMAIL.test(text)) return wrong("not-an-email");
  if (item.type === "url" && !HTTPS.test(text)) return wrong("not-https");
  return [text, null];
}

function readOption({ options }, answer) {
  if (typeof answer !== "string" || !answer) return NOTHING;
  return options.some(({ value }) => value === answer) ? [answer, null] : wrong("not-an-option");
}

function readOptions({ options }, answer) {
  if (!Array.isArray(answer) || !answer.length) return NOTHING;
  const values = options.map(({ value }) => value);
  if (!answer.every((part) => values.includes(part))) return wrong("not-an-option");
  return [values.filter((value) => answer.includes(value)), null];
}

function isNumber(value) {
  return typeof value === "number";
}

function isBlank(value) {
  return !isNumber(value) && !trimText(value);
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkNumber(value, { aboveZero, whole, min = -NUMBER_MOST, max = NUMBER_MOST }) {
  if (!isNumber(value) || Number.isNaN(value)) return { code: "not-a-number" };
  if (aboveZero && value <= 0) return { code: "not-above-zero" };
  if (value < min) return { code: "below-minimum", min };
  if (value > max) return { code: "above-maximum", max };
  return whole && value % 1 ? { code: "not-whole" } : null;
}

function readNumber({ whole, min, max }, answer) {
  return isBlank(answer) ? NOTHING : [answer, checkNumber(answer, { whole, min, max })];
}

function readRate(item, answer) {
  if (!isObject(answer) || isBlank(answer.number)) return NOTHING;
  const { number, per } = answer;
  const error = checkNumber(number, { aboveZero: true });
  if (error) return [null, error];
  if (per !== "week" && per !== "month") return wrong("not-a-rate");
  return [per === "week" ? number : number / WEEKS_PER_MONTH, null];
}

/** Return whether a text is a day, as `2027-01-31`. */
export function isDay(text) {
  if (!/^[12]\d{3}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
}

function readDate(item, answer) {
  const text = trimText(answer);
  if (!text) return NOTHING;
  return isDay(text) ? [text, null] : wrong("not-a-date");
}

function readPauses(item, answer) {
  const spans = (Array.isArray(answer) ? answer : [])
    .filter(isObject)
    .map(({ start, end }) => [trimText(start), trimText(end)])
    .filter(([start, end]) => start || end);
  for (const [start, end] of spans) {
    if (!start || !end) return wrong("pause-without-day");
    if (!isDay(start) || !isDay(end)) return wrong("not-a-date");
    if (end < start) return wrong("end-before-start");
  }
  return spans.length ? [spans, null] : NOTHING;
}

function readTarget(item, answer, { today }) {
  if (answer === "no target") return [answer, null];
  if (!isObject(answer)) return trimText(answer) ? wrong("target-without-day") : NOTHING;
  const { members } = answer;
  const by = trimText(answer.by);
  if (isBlank(members) && !by) return NOTHING;
  if (isBlank(members) || !by) return wrong("target-without-day");
  const error = checkNumber(members, { aboveZero: true, whole: true });
  if (error) return [null, error];
  if (!isDay(by)) return wrong("not-a-date");
  return by > today ? [members, null] : wrong("not-in-the-future");
}

function readTick(item, answer) {
  return answer === true ? [true, null] : NOTHING;
}

const READERS = {
  text: readText,
  long: readText,
  email: readText,
  url: readText,
  choice: readOption,
  choices: readOptions,
  number: readNumber,
  rate: readRate,
  date: readDate,
  pauses: readPauses,
  target: readTarget,
  confirm: readTick,
};

/** Note where an answer does not go with another one; both are right by themselves. */
function clashes({ id, after, inside }, { values, errors }) {
  const value = values[id];
  if (after && value < (values[after] || "")) errors[id] = { code: "end-before-start" };
  else if (inside) {
    const [first, last] = inside.map((other) => values[other]);
    if (value.some(([start, end]) => (first && start < first) || (last && end > last))) {
      errors[id] = { code: "pause-outside-plan" };
    }
  }
  return id in errors;
}

/** Return whether a condition holds; `own` is the item beside which it stands. */
function holds(condition, state, own) {
  if (!condition) return true;
  const name = Object.keys(CONDITIONS).find((key) => key in condition);
  return CONDITIONS[name](condition, state, own);
}

function compare(value, { below, above, at_least: least }) {
  return (
    (below === undefined || value < below) &&
    (above === undefined || value > above) &&
    (least === undefined || value >= least)
  );
}

const CONDITIONS = {
  item(condition, { values }) {
    const value = values[condition.item];
    if ("answered" in condition) return (value !== undefined) === condition.answered;
    if (value === undefined) return false;
    if ("is" in condition || "in" in condition) {
      const wanted = condition.in || [condition.is];
      return [value].flat().some((part) => wanted.includes(part));
    }
    return isNumber(value) && compare(value, condition);
  },
  chosen: ({ chosen }, state) =>
    state.chosen.includes(chosen) ||
    findItems(state.payload).some(
      (item) => item.id === chosen && idsOf(item).some((id) => state.chosen.includes(id)),
    ),
  months_between(condition, { values }) {
    const [first, last] = condition.months_between.map((id) => values[id]);
    return Boolean(first && last) && compare(monthsBetween(first, last), condition);
  },
  roles_in(condition, { values }) {
    const text = values[condition.roles_in];
    return Boolean(text) && compare(text.split(ROLES).filter(trimText).length, condition);
  },
  looks_personal(condition, { values, payload }) {
    const name = foldText((values[condition.looks_personal] || "").split("@")[0]);
    const words = name.split(/[._-]/);
    return NAME_PARTS.test(name) && !words.some((word) => payload.role_words.includes(word));
  },
  name_in_language(condition, { values, payload }, own) {
    const asked = findItems(payload).find((item) => item.options_from === "languages");
    const language = asked && values[asked.id];
    if (!values[own] || !language) return false;
    return condition.name_in_language === includesName(values[own], language, payload.organisation);
  },
  all_answered: (condition, { open }) => !open.length === condition.all_answered,
  any_open: (condition, { open }) => Boolean(open.length) === condition.any_open,
  any_missing: (condition, { missing }) => Boolean(missing.length) === condition.any_missing,
  any_error: (condition, { errors }) =>
    Boolean(Object.keys(errors).length) === condition.any_error,
  all: ({ all }, state, own) => all.every((part) => holds(part, state, own)),
  any: ({ any }, state, own) => any.some((part) => holds(part, state, own)),
  not: (condition, state, own) => !holds(condition.not, state, own),
};

function monthsBetween(first, last) {
  const start = new Date(first);
  const end = new Date(Date.parse(last) + MS_PER_DAY);
  const months =
    12 * (end.getUTCFullYear() - start.getUTCFullYear()) +
    (end.getUTCMonth() - start.getUTCMonth()) -
    (end.getUTCDate() < start.getUTCDate() ? 1 : 0);
  return last < first ? Math.min(months, -1) : months;
}

/** Return whether a channel's name includes the university's: yes, no or cannot tell. */
export function includesName(name, language, { names, short_names: shortNames }) {
  const words = splitWords(name);
  const known = language in names;
  if (known && begins(words, names[language])) return "yes";
  if (Object.values(names).some((other) => begins(words, other))) {
    return known ? "no" : "cannot tell";
  }
  return shortNames.flatMap(splitWords).some((part) => words.includes(part)) ? "cannot tell" : "no";
}

/** Return whether a name begins somewhere in the words, however it is spaced. */
function begins(words, name) {
  const wanted = splitWords(name).join("");
  return words.some((_, place) => words.slice(place).join("").startsWith(wanted));
}

function splitWords(text) {
  return foldText(text).match(/[\p{L}\p{N}]+/gu) || [];
}

function foldText(text) {
  return text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
}

export function fillWords(text, values) {
  return text.replace(/\{([a-z]+)\}/g, (all, name) => (name in values ? values[name] : all));
}

function makeError({ words }, id, error) {
  return { field: id, code: error.code, text: fillWords(words.errors[error.code], error) };
}

function findAdvice(state) {
  const { payload, visible, values } = state;
  const items = findItems(payload);
  const asked = items.find((item) => item.options_from === "platforms");
  const platform = asked && values[asked.id];
  return items
    .filter(({ id }) => visible.includes(id))
    .flatMap((item) => {
      const advice = (item.checks || [])
        .filter(({ when }) => holds(when, state, item.id))
        .map(({ when, ...said }) => ({ field: item.id, ...said }));
      if (item.options_from === "metrics" && platform && platform !== "other") {
        advice.push(...findLacking(payload, platform, item.id, values[item.id] || []));
      }
      return advice;
    });
}

/** Advise on measures that the chosen platform does not give. */
function findLacking({ metrics, platforms, words }, platform, field, chosen) {
  const lacking = metrics.filter(
    (metric) => chosen.includes(metric.name) && !metric.platforms.includes(platform),
  );
  if (!lacking.length) return [];
  const code = "measure-not-on-platform";
  const measures = lacking.map(({ title }) => title).join(", ");
  const text = fillWords(words.errors[code], { platform: platforms[platform], measures });
  return [{ field, code, text }];
}

/** Return the answer for those who have chosen nothing. */
function pointTo({ contacts }) {
  return {
    situations: [],
    first: [],
    do_not: [],
    know: [],
    contacts: contacts.map((contact) => ({ contact, urgency: "soon" })),
    silent: [],
  };
}

function unique(list) {
  return [...new Set(list)];
}

/** Merge the answers to the chosen situations, most urgent first. */
function mergeAnswers(state) {
  const items = findItems(state.payload)
    .filter((item) => idsOf(item).some((id) => state.chosen.includes(id)))
    .map((item, place) => ({ item, urgency: urgencyOf(item), place }))
    .sort((a, b) => a.urgency - b.urgency || a.place - b.place)
    .map(({ item }) => item);
  const all = (part) => items.flatMap((item) => item[part] || []);
  const merged = {};
  for (const part of ["first", "do_not", "know"]) {
    merged[part] = mergeSaid(all(part).filter(({ when }) => holds(when, state)));
  }
  const said = [...merged.first, ...merged.do_not, ...merged.know];
  return {
    situations: items.flatMap(idsOf).filter((id) => state.chosen.includes(id)),
    ...merged,
    contacts: mergeContacts(all("contacts")),
    silent: unique(all("silent")),
    rules: unique([...all("rules"), ...said.flatMap(({ rules }) => rules || [])]),
  };
}

/** Return a number that is smaller the more urgent a situation is. */
function urgencyOf({ contacts }) {
  const later = CONTACT_ORDER.length + 1;
  return Math.min(
    ...contacts.map(({ contact, urgency }) => rankOf(contact) + (urgency === "now" ? 0 : later)),
  );
}

function rankOf(contact) {
  const rank = CONTACT_ORDER.indexOf(contact);
  return rank < 0 ? CONTACT_ORDER.length : rank;
}

/** Say each sentence once, with the rules of all that say it. */
function mergeSaid(sentences) {
  const merged = new Map();
  for (const { when, ...said } of sentences) {
    const key = JSON.stringify([said.text, said.origin, said.source]);
    const one = merged.get(key) || said;
    if (said.rules) one.rules = unique([...(one.rules || []), ...said.rules]);
    merged.set(key, one);
  }
  return [...merged.values()];
}

/** Name each contact once: now wins over soon, and what is unconditional over a note. */
function mergeContacts(contacts) {
  return unique(contacts.map(({ contact }) => contact))
    .map((contact, place) => ({ contact, place }))
    .sort((a, b) => rankOf(a.contact) - rankOf(b.contact) || a.place - b.place)
    .map(({ contact }) => {
      const ofIt = contacts.filter((other) => other.contact === contact);
      const urgency = ofIt.some((other) => other.urgency === "now") ? "now" : "soon";
      const notes = unique(
        ofIt.filter((other) => other.urgency === urgency).map(({ note }) => note || ""),
      );
      return { contact, urgency, ...(notes.includes("") ? {} : { note: notes.join("; ") }) };
    });
}
