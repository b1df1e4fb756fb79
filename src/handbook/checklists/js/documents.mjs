// What a form gives: documents.py in JavaScript, to the same bytes.
import {
  BLANK_CHARACTERS,
  evaluate,
  findItems,
  isObject,
  MS_PER_DAY,
  trimText,
} from "./evaluate.mjs";

const MESSAGE_MOST = 1500;
const LINK_MOST = 2000;
const NAME_MOST = 60;
const NUMBERS = ["number", "members"];
const MESSAGE_FACTS = [
  "platform", "unit", "contact_mailbox", "main_language", "name", "handle", "url", "purpose",
  "audience", "plan_starts", "plan_ends",
];
const PARTS = { rate: ["number", "per"], pauses: ["start", "end"], target: ["members", "by"] };
const BLANKS = new RegExp(`[${BLANK_CHARACTERS}]+`, "g");

export function makePlan(payload, answers, today) {
  const plan = makeRecord(payload, answers, today);
  const channel_id = makeChannelId(plan.platform, plan.handle, plan.name);
  return { schema: "handbook-plan/1", channel_id, ...plan, made_on: today };
}

export function makeReview(payload, answers, today) {
  return { schema: "handbook-review/1", ...makeRecord(payload, answers, today), made_on: today };
}

export function makeChannelId(platform, handle, name) {
  const text = (handle || "").replace(/^@/, "") || name;
  if (!platform || !text) return null;
  const slug = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/ø/g, "o").replace(/æ/g, "ae").replace(/ß/g, "ss")
    .replace(/[^a-z0-9]+/g, "-").replace(/^-/, "").slice(0, 80).replace(/-$/, "");
  return `${platform}:${slug || "unnamed"}`;
}

export function toJson(record) {
  return JSON.stringify(record, null, 2) + "\n";
}

export function planSections(record, payload) {
  const words = payload.words.documents;
  const items = {};
  const given = {};
  for (const item of findItems(payload)) {
    items[item.id] = item;
    if (record[keyOf(item)] !== null) given[item.id] = record[keyOf(item)];
  }
  const { visible, advice } = evaluate(payload, given, record.made_on);
  return [
    ...payload.definition.sections.map((section) => ({
      title: section.title || payload.definition.title,
      rows: section.items.filter((item) => visible.includes(item.id))
        .map((item) => makeRow(item.text, say(item, record[keyOf(item)], payload), item)),
    })),
    {
      title: words.left_out,
      rows: record.left_out.map(({ field, given }) =>
        makeRow(items[field].text, say(items[field], given, payload), {})),
    },
    {
      title: words.to_consider,
      rows: advice.map((row) => makeRow(items[row.field].text, row.text, row)),
    },
  ].filter((section) => section.rows.length);
}

export function makeMarkdown(record, payload) {
  const words = payload.words.documents[payload.definition.result];
  const title = fillIn(words.title, { name: nameOf(record, payload) });
  const lines = [
    `# ${escapeMarkdown(title)}`, "", escapeMarkdown(standing(record, payload)), "",
    words.no_approval,
  ];
  for (const section of planSections(record, payload)) {
    lines.push("", `## ${escapeMarkdown(section.title)}`, "");
    for (const { label, text, rules, origin, source } of section.rows) {
      const cited = [...rules, ...(origin ? [`${origin}: ${source}`] : [])].join(", ");
      const said = text.split(/\r\n|[\n\v\f\r\x85\u2028\u2029]/).map(escapeMarkdown);
      lines.push([
        `- **${escapeMarkdown(label)}**${cited && ` (${escapeMarkdown(cited)})`}`,
        ...said.filter(Boolean),
      ].join("  \n  "));
    }
  }
  return lines.join("\n") + "\n";
}

export function makeCalendar(plan, payload) {
  const { contacts, thresholds } = payload.organisation;
  const { email, name } = contacts.communications;
  const [start, end, made] = ["plan_starts", "plan_ends", "made_on"].map((key) =>
    plan[key] && Date.parse(plan[key]) / MS_PER_DAY);
  const soon = end - Math.floor(thresholds.plan_ends_soon_days);
  const days = {
    start,
    notify: plan.exists_already === "yes" ? made : start,
    middle: start === null || end === null ? null : Math.floor((start + end) / 2),
    ends_soon: end === null ? null : Math.max(start === null ? soon : start, soon),
  };
  const lines = [];
  for (const [kind, day] of Object.entries(days)) {
    if (day === null) continue;
    const { title, text } = payload.words.documents.calendar[kind];
    const values = {
      name: shorten(nameOf(plan, payload), NAME_MOST), contact: email || name, days: end - day,
    };
    lines.push(
      "BEGIN:VEVENT",
      `UID:${escapeCalendar(plan.channel_id || "unnamed")}/${kind}`,
      `DTSTAMP:${plan.made_on.replace(/-/g, "")}T000000Z`,
      `DTSTART;VALUE=DATE:${writeDay(day)}`,
      `DTEND;VALUE=DATE:${writeDay(day + 1)}`,
      `SUMMARY:${escapeCalendar(fillIn(title, values))}`,
      `DESCRIPTION:${escapeCalendar(`${fillIn(text, values)} ${standing(plan, payload)}`)}`,
      "TRANSP:TRANSPARENT",
      "END:VEVENT",
    );
  }
  const head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Social Media Handbook//Plan 1//EN"];
  return lines.length ? [...head, ...lines, "END:VCALENDAR"].map(fold).join("") : "";
}

export function makeMessage(plan, payload, kind) {
  const template = payload.words.documents.message[kind];
  const to = payload.organisation.contacts.communications.email || "";
  const name = shorten(nameOf(plan, payload), NAME_MOST);
  const subject = fillIn(template.subject, { name });
  const facts = findItems(payload)
    .filter((item) => MESSAGE_FACTS.includes(keyOf(item)) && plan[keyOf(item)] !== null)
    .map((item) => [item.text, oneLine(say(item, plan[keyOf(item)], payload))]);
  const write = (most) => {
    const told = facts.map(([label, text]) => `${label}: ${shorten(text, most)}`).join("\n");
    const text = fillIn(template.text, { facts: told });
    const link = `mailto:${encodeURIComponent(to).replace(/%40/g, "@")}` +
      `?subject=${encodeURIComponent(subject)}` +
      `&body=${encodeURIComponent(text).replace(/%0A/g, "%0D%0A")}`;
    return { to, subject, text, link };
  };
  let message = write(1);
  let least = 2;
  let most = Math.max(0, ...facts.map(([, text]) => [...text].length));
  while (least <= most) {
    const middle = Math.floor((least + most) / 2);
    const longer = write(middle);
    if (subject.length + longer.text.length < MESSAGE_MOST && longer.link.length < LINK_MOST) {
      message = longer;
      least = middle + 1;
    } else most = middle - 1;
  }
  return message;
}

function makeRecord(payload, answers, today) {
  const { visible, open, errors } = evaluate(payload, answers, today);
  const record = {};
  const left_out = [];
  for (const item of findItems(payload)) {
    const field = item.id;
    const wrong = errors.some((error) => error.field === field);
    record[keyOf(item)] = null;
    if (visible.includes(field) && (wrong || !open.includes(field))) {
      const given = plain(answers[field], PARTS[item.type] || []);
      if (wrong || given === null || (item.type === "rate" && !given.number)) {
        left_out.push({ field, given });
      } else record[keyOf(item)] = given;
    }
  }
  return { ...record, left_out };
}

function plain(value, parts) {
  if (typeof value === "number") return plainNumber(value);
  if (typeof value === "string") return trimText(value.replace(/\p{Cs}/gu, "\ufffd")) || null;
  if (Array.isArray(value)) {
    return value.filter((part) => isObject(part) === parts.length > 0)
      .map((part) => plain(part, parts)).filter((part) => part !== null);
  }
  if (!isObject(value)) return value === true || null;
  const entries = parts.map((key) => {
    const part = value[key];
    return [key, typeof part === "string" || NUMBERS.includes(key) ? plain(part, []) : null];
  });
  return entries.some(([, part]) => part !== null) ? Object.fromEntries(entries) : null;
}

function plainNumber(value) {
  if (!(Math.abs(value) <= 1e9)) return null;
  const rounded = Math.floor(value * 10000 + 0.5) / 10000;
  return rounded || !value ? rounded : null;
}

function keyOf(item) {
  return item.id.replace(/-/g, "_");
}

function nameOf(record, payload) {
  return oneLine(record.name || record.channel_id || "") || payload.words.documents.unnamed;
}

function standing(record, payload) {
  const { status, name } = payload.organisation;
  const template = payload.words.documents.standing[status];
  return fillIn(template, { date: record.made_on, university: name });
}

function makeRow(label, text, { rules, origin, source }) {
  return { label, text, rules: rules || [], origin: origin || "", source: source || "" };
}

function say(item, value, payload) {
  const words = payload.words.documents;
  if (value === null) return words.not_answered;
  if (value === true) return words.yes;
  if (Array.isArray(value)) {
    return value.map((part) => say(item, part, payload)).join("\n") || words.not_answered;
  }
  if (typeof value === "object") {
    let shape = item.type;
    if (shape === "rate") shape = /^(week|month)$/.test(value.per) ? `per_${value.per}` : "number";
    return fillIn(words.values[shape], value);
  }
  if (item.type === "target" && value === "no target") return words.no_target;
  const option = (item.options || []).find((option) => option.value === value);
  return option ? option.text : String(value);
}

function fillIn(template, values) {
  return template.replace(/\{([a-z_]+)\}/g, (_, name) => values[name] ?? "?");
}

function oneLine(text) {
  return trimText(text.replace(/\p{Cs}/gu, "\ufffd").replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(BLANKS, " "));
}

function escapeMarkdown(text) {
  return oneLine(text).replace(/[\\`*_{}[\]<>&|~$#^]/g, "\\$&")
    .replace(/^([0-9]+(?=[.)](?: |$))|(?=[-+=:%(]))/, "$1\\");
}

function escapeCalendar(text) {
  return oneLine(text).replace(/[\\;,]/g, "\\$&");
}

function fold(line) {
  let folded = "";
  let octets = 0;
  for (const character of line) {
    const code = character.codePointAt(0);
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (octets + size > 75) {
      folded += "\r\n ";
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return `${folded}\r\n`;
}

function shorten(text, most) {
  if ([...text].length <= most) return text;
  let kept = "";
  let points = 0;
  for (const character of text.match(
    /(?:\p{RI}{2}|[^])(?:\u200d+[^]|[\p{M}\u200d\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}])*/gu,
  )) {
    points += [...character].length;
    if (points >= most) break;
    kept += character;
  }
  return `${trimText(kept)}…`;
}

function writeDay(day) {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10).replace(/-/g, "");
}
