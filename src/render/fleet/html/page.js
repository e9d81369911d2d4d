(() => {
  'use strict';
  // As many as the program puts together, and what it puts between them.
  const TOGETHER = 64, BETWEEN = '\u001e';
  // A few screens at a time: a browser lays out hundreds of rows at once, not tens of thousands.
  const STEP = 200, ON_PAPER = 2000;
  const section = document.querySelector('#hosts');
  const place = document.querySelector('#shown');
  const form = section.querySelector('form');
  const parsed = new DOMParser().parseFromString(section.querySelector('noscript').textContent, 'text/html');
  const table = parsed.querySelector('table');
  const body = table.tBodies[0];
  const all = Array.from(body.rows, (row, number) => ({ row, number, text: row.textContent.toLowerCase() }));
  body.replaceChildren();
  place.append(document.adoptNode(table.parentNode));
  const more = document.createElement('button');
  more.type = 'button';
  more.className = 'more';
  place.append(more);
  const heads = Array.from(table.tHead.rows[0].cells);
  const collator = new Intl.Collator('en', { numeric: true });
  let rows = all, drawn = 0, column = -1, descending = false;

  for (const [index, head] of heads.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    button.addEventListener('click', () => {
      descending = column === index && !descending;
      column = index;
      show();
    });
    head.replaceChildren(button);
  }
  for (const { row } of all) {
    const cell = row.cells[0];
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'open';
    button.setAttribute('aria-expanded', 'false');
    button.append(...cell.childNodes);
    cell.append(button);
    for (const [index, cell] of Array.from(row.cells).entries()) cell.dataset.label = heads[index].textContent;
  }

  function key({ row }) {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  }

  function compare(one, other) {
    // What is not known stands last, whichever way.
    if (one === '' || other === '') return (one === '') - (other === '');
    const order = typeof one === 'number' ? one - other : collator.compare(one, other);
    return descending ? -order : order;
  }

  function show() {
    const wanted = form.elements;
    const text = wanted.text.value.trim().toLowerCase();
    const is = (row, name) => !wanted[name] || !wanted[name].value || row.dataset[name] === wanted[name].value;
    rows = all.filter(({ row, text: has }) =>
      is(row, 'verdict') && is(row, 'cause') && is(row, 'result') && (!text || has.includes(text)));
    if (column >= 0) {
      const keyed = rows.map((entry) => [key(entry), entry]);
      keyed.sort(([one, a], [other, b]) => compare(one, other) || a.number - b.number);
      rows = keyed.map(([, entry]) => entry);
    }
    for (const [index, head] of heads.entries()) {
      const state = descending ? 'descending' : 'ascending';
      if (index === column) head.setAttribute('aria-sort', state); else head.removeAttribute('aria-sort');
    }
    body.replaceChildren();
    drawn = 0;
    draw(STEP);
    wanted.count.value = rows.length === all.length ? `${all.length} hosts` : `${rows.length} of ${all.length} hosts`;
  }

  function draw(count) {
    const next = rows.slice(drawn, drawn + count);
    for (const { row } of next) row.firstElementChild.firstElementChild.setAttribute('aria-expanded', 'false');
    body.append(...next.map(({ row }) => row));
    drawn += next.length;
    const left = rows.length - drawn;
    more.hidden = left === 0;
    more.textContent = `${Math.min(left, STEP)} more of ${left}`;
  }

  const unpacked = new Map();
  function texts(group) {
    if (!unpacked.has(group)) {
      const packed = document.querySelector(`#t${group}`);
      const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
      unpacked.set(group, new Response(stream).text().then((text) => text.split(BETWEEN)));
      packed.textContent = '';
    }
    return unpacked.get(group);
  }

  async function unfold(row) {
    const button = row.querySelector('button');
    if (button.getAttribute('aria-expanded') === 'true') {
      button.setAttribute('aria-expanded', 'false');
      row.nextElementSibling.remove();
      return;
    }
    button.setAttribute('aria-expanded', 'true');
    const told = document.createElement('tr');
    told.className = 'told';
    const cell = told.insertCell();
    cell.colSpan = heads.length;
    const pre = document.createElement('pre');
    cell.append(pre);
    row.after(told);
    const { number } = all.find((entry) => entry.row === row);
    pre.textContent = 'DecompressionStream' in window
      ? (await texts(Math.floor(number / TOGETHER)))[number % TOGETHER]
      : 'this browser is too old to unfold a report: rdprobe report --format json has it';
  }

  body.addEventListener('click', ({ target }) => {
    const button = target.closest('button.open');
    if (button) unfold(button.closest('tr'));
  });
  more.addEventListener('click', () => draw(STEP));
  if ('IntersectionObserver' in window) {
    new IntersectionObserver((seen) => { if (seen.some((it) => it.isIntersecting) && !more.hidden) draw(STEP); })
      .observe(more);
  }
  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('beforeprint', () => draw(Math.max(0, ON_PAPER - drawn)));

  // #verdict=not_reachable, #cause=ID, #text=NAME, #sort=COLUMN, #sort=-COLUMN, #open=TARGET: a view to link to.
  function follow() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (![...asked.keys()].some((name) => ['verdict', 'cause', 'result', 'text', 'sort', 'open'].includes(name))) return;
    for (const name of ['verdict', 'cause', 'result', 'text']) {
      if (form.elements[name]) form.elements[name].value = asked.get(name) || '';
    }
    const sort = asked.get('sort') || '';
    descending = sort.startsWith('-');
    column = heads.findIndex((head) => head.textContent.toLowerCase() === sort.replace(/^-/, ''));
    show();
    const open = asked.get('open');
    const found = open && rows.slice(0, drawn).find(({ row }) => row.cells[0].textContent === open);
    if (found) unfold(found.row);
    section.scrollIntoView();
  }
  addEventListener('hashchange', follow);
  form.hidden = false;
  show();
  follow();
})();
