// What the page's script does without a page: keeping answers, numbers, words.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDays,
  isEmpty,
  openStorage,
  parseNumber,
  readStored,
  storageKey,
  sweepStored,
  writeStored,
} from "../../src/handbook/checklists/js/checklist.mjs";

const TODAY = "2026-11-22";
const LIST = { id: "before-you-post", version: 2, kind: "confirm" };
const FORM = { id: "start-a-community", version: 1, kind: "form" };

/** A storage as browsers have it, that may be full. */
class Storage {
  #kept = new Map();
  full = false;
  get length() {
    return this.#kept.size;
  }
  key(number) {
    return [...this.#kept.keys()][number];
  }
  getItem(key) {
    return this.#kept.get(key) ?? null;
  }
  setItem(key, text) {
    if (this.full) throw new DOMException("no room", "QuotaExceededError");
    this.#kept.set(key, text);
  }
  removeItem(key) {
    this.#kept.delete(key);
  }
}

test("what is kept is read again, with its notes", () => {
  const storage = new Storage();
  assert.equal(writeStored(storage, LIST, { a: "done" }, { a: "<b>" }, TODAY), "");
  assert.deepEqual(readStored(storage, LIST, "2030-01-01"), {
    answers: { a: "done" },
    notes: { a: "<b>" },
    said: undefined,
  });
});

test("a list without answers leaves nothing behind", () => {
  const storage = new Storage();
  writeStored(storage, LIST, { a: "done" }, {}, TODAY);
  writeStored(storage, LIST, {}, {}, TODAY);
  assert.equal(storage.length, 0);
});

test("a form is kept for 90 days and then deleted, and says so", () => {
  const storage = new Storage();
  writeStored(storage, FORM, { name: "Lab" }, {}, TODAY);
  assert.deepEqual(readStored(storage, FORM, addDays(TODAY, 90)).answers, { name: "Lab" });
  assert.deepEqual(readStored(storage, FORM, addDays(TODAY, 91)), {
    answers: {},
    notes: {},
    said: "expired",
  });
  assert.equal(storage.length, 0);
});

test("answers to another version are deleted, and this is said", () => {
  const storage = new Storage();
  writeStored(storage, { ...LIST, version: 1 }, { a: "done" }, {}, TODAY);
  writeStored(storage, { ...LIST, id: "before-you-post-again" }, { a: "done" }, {}, TODAY);
  assert.equal(readStored(storage, LIST, TODAY).said, "other_version");
  assert.equal(readStored(storage, LIST, TODAY).said, undefined);
  assert.equal(storage.length, 1);
});

for (const text of ["{", "[]", "null", '{"answers": [], "notes": {}}', '{"answers": {}}', "7"]) {
  test(`what cannot be read is deleted, and this is said: ${text}`, () => {
    const storage = new Storage();
    storage.setItem(storageKey(LIST), text);
    assert.equal(readStored(storage, LIST, TODAY).said, "unreadable");
    assert.equal(storage.length, 0);
  });
}

test("a full storage and a missing one are told apart", () => {
  const storage = new Storage();
  storage.full = true;
  assert.equal(writeStored(storage, LIST, { a: "done" }, {}, TODAY), "full");
  assert.equal(writeStored({}, LIST, { a: "done" }, {}, TODAY), "not_kept");
  assert.equal(readStored({}, LIST, TODAY).said, "not_kept");
});

test("a browser without storage opens the page all the same", () => {
  const had = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new DOMException("refused", "SecurityError");
    },
  });
  try {
    assert.equal(readStored(openStorage(), LIST, TODAY).said, "not_kept");
  } finally {
    delete globalThis.localStorage;
    if (had) Object.defineProperty(globalThis, "localStorage", had);
  }
});

test("forms of other pages are deleted when their time is over, and nothing else is", () => {
  const storage = new Storage();
  writeStored(storage, FORM, { name: "Lab" }, {}, "2026-01-01");
  writeStored(storage, { ...FORM, id: "channel-review" }, { name: "Lab" }, {}, TODAY);
  writeStored(storage, LIST, { a: "done" }, { a: '"expires_on":"2000-01-01"}' }, "2026-01-01");
  storage.setItem("theme", "dark");
  globalThis.document = { querySelector: () => null };
  sweepStored(storage, TODAY);
  delete globalThis.document;
  const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i));
  assert.deepEqual(keys, ["handbook:1:channel-review:1", "handbook:1:before-you-post:2", "theme"]);
});

const NUMBERS = [["3", 3], [" 0,5 ", 0.5], ["0.5", 0.5], ["-2", -2], ["0", 0]];
for (const [typed, number] of NUMBERS) {
  test(`a number is read: ${typed}`, () => assert.equal(parseNumber(typed), number));
}
for (const typed of ["three", "1e9", "1.000,5", "", "1 000", "٣"]) {
  test(`what is no number stays as it was typed: ${typed}`, () =>
    assert.equal(parseNumber(typed), typed));
}

test("0 is an answer; nothing, an empty text and an empty list are none", () => {
  assert.deepEqual([0, "0", true, ["a"], { number: 0 }].map(isEmpty), Array(5).fill(false));
  assert.deepEqual([undefined, null, "", false, [], {}].map(isEmpty), Array(6).fill(true));
});

test("days are counted over the end of a year and of February", () => {
  assert.equal(addDays("2026-11-22", 90), "2027-02-20");
  assert.equal(addDays("2028-02-28", 1), "2028-02-29");
});
