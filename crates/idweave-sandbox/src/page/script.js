// Polls the control API and shows what is new. No library, nothing from elsewhere; text goes into the
// page as text only, because requests to the sandbox may hold anything.
"use strict";

const NAMES = { docspace: "ONLYOFFICE DocSpace", authress: "Authress", ostrom: "Ostrom", enhance: "Enhance" };
const SERVICES = Object.keys(NAMES);
const SHOWN = 300;

const $ = (id) => document.getElementById(id);

/** An element: `el("td.dim", {title: "…"}, "text", child)`. */
function el(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

async function control(path, options) {
  const response = await fetch(`/_sandbox/${path}`, options);
  const text = await response.text();
  const body = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Error(body?.error ?? `the control API returned ${response.status}`);
  return body;
}

const post = (path, body) => control(path, { method: "POST", body: JSON.stringify(body ?? {}) });

// The services and their credentials

const FIRST = ["base_url", "auth_url", "api_key", "access_key", "access_token", "user.client_id", "user.client_secret", "email", "password"];
const ENOUGH = 4;

function flatten(fields, prefix = "") {
  return Object.entries(fields).flatMap(([name, value]) =>
    typeof value === "object" ? flatten(value, `${prefix}${name}.`) : [[prefix + name, String(value)]],
  );
}

async function copy(button, value) {
  try {
    await navigator.clipboard.writeText(value);
    button.textContent = "copied";
  } catch {
    button.textContent = "no clipboard";
  }
  setTimeout(() => (button.textContent = "copy"), 1200);
}

function pairs(list) {
  const box = el("div.pairs");
  for (const [name, value] of list) {
    const button = el("button", { type: "button", "aria-label": `Copy ${name}` }, "copy");
    button.addEventListener("click", () => copy(button, value));
    box.append(el("span", {}, name.replaceAll("_", " ").replaceAll(".", ": ")), el("code", { title: value }, value), button);
  }
  return box;
}

function showServices(access) {
  for (const service of SERVICES) {
    const rank = (name) => FIRST.indexOf(name) >>> 0;
    const all = flatten(access[service]).sort(([a], [b]) => rank(a) - rank(b));
    const count = el("small", { id: `count-${service}` });
    $("services").append(
      el("article.service", { "data-service": service },
        el("h2", {}, NAMES[service], count),
        pairs(all.slice(0, ENOUGH)),
        el("details", {}, el("summary", {}, `${all.length - ENOUGH} more credentials and ids`), pairs(all.slice(ENOUGH)))),
    );
  }
}

// Requests

const requests = { seen: 0, list: [] };

function status(call) {
  if (call.status === null) return el("span.status.bad", {}, "none");
  const kind = call.status < 400 ? "good" : call.status < 500 ? "warn" : "bad";
  return el(`span.status.${kind}`, {}, String(call.status));
}

function details(call) {
  let body = call.body;
  try {
    body = JSON.stringify(JSON.parse(call.body), null, 2);
  } catch {
    // Not JSON: shown as it came.
  }
  const query = call.query.map(([name, value]) => `${name}=${value}`).join("&");
  const head = call.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
  const text = `${call.method} ${call.path}${query ? `?${query}` : ""}\n${head}${body ? `\n\n${body}` : ""}`;
  return el("tr.more", {}, el("td", { colspan: "7" }, el("pre", {}, text)));
}

function row(call) {
  const made = el("tr.call", { "data-service": call.service, "data-number": call.number, tabindex: "0" },
    el("td", {}, String(call.number)),
    el("td.dim", { title: call.at }, call.at.slice(11, 23)),
    el("td", {}, el("span.tag", {}, call.service)),
    el("td.path", { title: call.path }, el("b", {}, call.method), call.path),
    el("td", {}, call.operation ?? "–"),
    el("td.dim", {}, call.credential ?? "none"),
    el("td", {}, status(call), call.fault ? el("span.bolt", { title: "A fault applied" }, "fault") : null));
  const toggle = () => {
    if (made.nextSibling?.className === "more") made.nextSibling.remove();
    else made.after(details(call));
  };
  made.addEventListener("click", toggle);
  made.addEventListener("keydown", (event) => event.key === "Enter" && toggle());
  return made;
}

function wanted(call) {
  const service = $("requests-service").value;
  return !service || call.service === service;
}

/** Puts new calls on top; those that lie open stay open. */
function addRows(calls) {
  const body = $("requests");
  for (const call of calls.filter(wanted)) body.prepend(row(call));
  while (body.childElementCount > 2 * SHOWN) body.lastChild.remove();
  $("requests-empty").hidden = body.childElementCount > 0;
}

function showAllRows() {
  $("requests").replaceChildren();
  addRows(requests.list);
}

// Users, invites, outbox

let tab = "users";
let entries = { users: [], invites: [], outbox: [] };

function collect(state, mails) {
  const ostrom = state.ostrom.links;
  const entry = (service) => (title, note, line, id) => ({ service, title, note, line, id });
  const [docspace, authress, enhance, power] = ["docspace", "authress", "enhance", "ostrom"].map(entry);
  const members = new Map(state.enhance.members.map((own) => [own.id, own]));
  const invited = (own) => {
    const member = members.get(own.member);
    return enhance(member?.name ?? "Invite", member?.roles?.join(", ") ?? "", member?.email, `${own.id} until ${own.expires.slice(0, 16).replace("T", " ")}`);
  };
  return {
    users: [
      ...state.docspace.users.map((own) => docspace(own.displayName, own.isOwner ? "Owner" : own.type, own.email, own.id)),
      ...state.authress.users.map((own) => authress(own.name, own.tenantId, own.email, own.userId)),
      ...ostrom.filter((own) => own.consented).map((own) => power(own.externalUserId, own.language, own.scopes?.join(", "), own.redirectUrl)),
      ...state.enhance.members.map((own) => enhance(own.name, own.roles?.join(", "), own.email, own.id)),
      // One person's users side by side.
    ].sort((a, b) => (a.line ?? "").localeCompare(b.line ?? "")),
    invites: [
      ...state.docspace.invitationLinks.map((own) => docspace(`Link for ${own.employeeType}`, `${own.uses} used`, own.url, own.id)),
      ...state.authress.invites.map((own) => authress("Invite", own.status ?? "open", own.authenticationRequestUri ?? "", own.inviteId)),
      ...ostrom.filter((own) => !own.consented).map((own) => power(own.externalUserId, "waits for consent", own.redirectUrl, own.language)),
      ...state.enhance.invites.map(invited),
    ],
    outbox: mails.slice().reverse().map((own) => ({ service: own.service, title: own.subject, note: own.kind, line: `to ${own.to}`, text: own.text, id: own.links.join(" ") })),
  };
}

function showList() {
  const find = $("find").value.trim().toLowerCase();
  const found = entries[tab].filter((own) => !find || JSON.stringify(own).toLowerCase().includes(find));
  const list = found.slice(0, 1000).map((own) =>
    el("article.entry", { "data-service": own.service },
      el("strong", {}, el("span.tag", {}, own.title ?? "–"), el("em", {}, own.note ?? "")),
      el("p", { title: own.line ?? "" }, own.line ?? ""),
      own.text ? el("p.whole", {}, own.text) : null,
      own.id ? el("code", { title: own.id }, own.id) : null));
  const nothing = find ? "Nothing fits." : { users: "No users.", invites: "No open invites.", outbox: "No e-mails yet." }[tab];
  $("list").replaceChildren(...(list.length ? list : [el("p.empty", {}, nothing)]));
}

async function refreshState() {
  const [state, mails] = await Promise.all([control("snapshot"), control("outbox")]);
  entries = collect(state, mails);
  const totals = { docspace: state.docspace.usersTotal, authress: state.authress.usersTotal, ostrom: state.ostrom.links.length, enhance: state.enhance.membersTotal };
  for (const service of SERVICES) $(`count-${service}`).textContent = `${totals[service].toLocaleString("en")} ${service === "ostrom" ? "linked" : "users"}`;
  $("users-count").textContent = Object.values(totals).reduce((sum, own) => sum + own, 0).toLocaleString("en");
  $("invites-count").textContent = entries.invites.length || "";
  $("outbox-count").textContent = entries.outbox.length || "";
  showList();
}

// Faults

function describe(fault) {
  const parts = [];
  if (fault.status) parts.push(`returns ${fault.status}`);
  if (fault.retry_after !== null) parts.push(`Retry-After ${fault.retry_after} s`);
  if (fault.delay_ms) parts.push(`${fault.delay_ms} ms late`);
  if (fault.stall) parts.push("no response");
  if (fault.reset) parts.push(`reset ${fault.reset}`);
  if (fault.truncate) parts.push("half of the body");
  if (fault.malformed) parts.push("invalid JSON");
  if (fault.content_type) parts.push(fault.content_type);
  if (fault.body) parts.push("another body");
  if (fault.page) parts.push(`${fault.page} page`);
  return parts.join(", ");
}

let shownFaults = "";

function showFaults(faults) {
  const text = JSON.stringify(faults);
  if (text === shownFaults) return;
  shownFaults = text;
  $("faults").replaceChildren(
    ...faults.map((fault) => {
      const left = fault.times === null ? "every call" : `${fault.times} left`;
      const where = [fault.service ?? "every service", fault.operation].filter(Boolean).join(" · ");
      const share = fault.rate === null ? "" : ` · ${Math.round(fault.rate * 100)} %`;
      return el("li", {}, describe(fault), el("small", {}, `${where} · ${left}${share}`));
    }),
  );
  $("faults-clear").hidden = faults.length === 0;
}

function faultFromForm(form) {
  const [kind, value] = form.kind.value.split(":");
  const fault = {};
  if (form.service.value) fault.service = form.service.value;
  if (form.operation.value) fault.operation = form.operation.value;
  if (form.times.value) fault.times = Number(form.times.value);
  if (form.retry_after.value) fault.retry_after = Number(form.retry_after.value);
  if (kind === "status") fault.status = Number(value);
  else if (kind === "delay") fault.delay_ms = 2000;
  else if (kind === "content_type") fault.content_type = "text/html";
  else fault[kind] = value ?? true;
  return fault;
}

function choices(select, list, first) {
  select.replaceChildren(el("option", { value: "" }, first), ...list.map(([value, text]) => el("option", { value }, text)));
}

// Looking again

let last = {};

function showClock(state) {
  $("now").textContent = `${state.now.slice(0, 10)} ${state.now.slice(11, 19)}`;
  $("now").dateTime = state.now;
  const days = Math.floor(state.ahead_seconds / 86400);
  const rest = new Date((state.ahead_seconds % 86400) * 1000).toISOString().slice(11, 19);
  $("ahead").textContent = state.ahead_seconds ? `${days ? `${days} d ` : ""}${rest} ahead` : "";
}

async function lookOnce() {
  const state = await control("state");
  showClock(state);
  showFaults(state.faults);
  if (state.requests < requests.seen) {
    requests.seen = 0;
    requests.list = [];
    showAllRows();
  }
  if (state.requests > requests.seen) {
    const calls = await control(`requests?since=${requests.seen}&last=${SHOWN}`);
    requests.seen = Math.max(requests.seen, ...calls.map((call) => call.number));
    requests.list = [...requests.list, ...calls].slice(-SHOWN);
    addRows(calls);
  }
  $("requests-count").textContent = state.requests.toLocaleString("en");
  const changed = ["requests", "mails", "ahead_seconds"].some((name) => state[name] !== last[name]);
  // What was only accepted finishes by itself a little later.
  const again = last.changed || changed;
  if (again) await refreshState();
  last = { ...state, changed };
  document.documentElement.dataset.ready = "true";
}

// One after the other, so that no request is shown twice.
let looking = Promise.resolve();
const look = () => (looking = looking.catch(() => {}).then(lookOnce));

async function forever() {
  for (;;) {
    try {
      await look();
      $("live").textContent = "live";
      $("live").className = "on";
    } catch (error) {
      $("live").textContent = `no response: ${error.message}`;
      $("live").className = "off";
    }
    await new Promise((resume) => setTimeout(resume, document.hidden ? 3000 : 600));
  }
}

async function start() {
  const [access, operations] = await Promise.all([control("access"), control("operations")]);
  showServices(access);
  const services = SERVICES.map((name) => [name, NAMES[name]]);
  choices($("requests-service"), services, "all services");
  $("requests-service").addEventListener("change", showAllRows);

  const form = $("fault");
  choices(form.service, services, "every service");
  const ofService = () => choices(form.operation, (operations[form.service.value] ?? []).toSorted().map((id) => [id, id]), "every operation");
  form.service.addEventListener("change", ofService);
  ofService();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    $("fault-error").textContent = "";
    try {
      await post("faults", faultFromForm(form));
      await look();
    } catch (error) {
      $("fault-error").textContent = error.message;
    }
  });
  $("faults-clear").addEventListener("click", async () => {
    await control("faults", { method: "DELETE" });
    await look();
  });

  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", async () => {
      await post("clock", { advance_seconds: Number(button.dataset.advance) });
      await look();
    });
  }
  $("reset").addEventListener("click", async () => {
    await post("reset");
    await look();
  });
  for (const button of document.querySelectorAll("[data-tab]")) {
    button.addEventListener("click", () => {
      tab = button.dataset.tab;
      for (const other of document.querySelectorAll("[data-tab]")) other.setAttribute("aria-selected", String(other === button));
      showList();
    });
  }
  $("find").addEventListener("input", showList);
  forever();
}

start().catch((error) => {
  $("live").textContent = error.message;
  $("live").className = "off";
});
