'use strict';
// Marks the page as `chainrule mark` does. Formulas, ranges of rounding and
// mistakes come from the program; here is arithmetic only.
const exercise = JSON.parse(document.getElementById('exercise').textContent);
const stated = exercise.decimals;

// Numbers.
const functions = {
  square: [x => x * x], exp: [Math.exp], expm1: [Math.expm1], ln: [Math.log], tanh: [Math.tanh],
  softplus: [x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
};
const down = x => Number.isFinite(x) ? x - Math.abs(x) * 2.3e-16 - 5e-324 : x;
const up = x => Number.isFinite(x) ? x + Math.abs(x) * 2.3e-16 + 5e-324 : x;
const wide = (low, high, steps) => {
  for (let step = 0; step < steps; step++) { low = down(low); high = up(high); }
  return [Number.isNaN(low) ? -Infinity : low, Number.isNaN(high) ? Infinity : high];
};
const hull = (x, y) => [Math.min(x[0], y[0]), Math.max(x[1], y[1])];
const within = (x, value) => x[0] <= value && value <= x[1];

/// Rounds to decimals; a half goes away from zero (0), up (1) or down (-1). It
/// is seen on the decimal number a person sees: fifteen digits of it.
function round(x, decimals, half) {
  if (!Number.isFinite(x) || x === 0) return x;
  const [mantissa, power] = Math.abs(x).toExponential(14).split('e');
  let digits = mantissa.replace('.', '');
  const keep = Number(power) + 1 + decimals;
  if (keep < 0) return 0;
  if (keep < digits.length) {
    const rest = digits.slice(keep);
    const isTie = rest[0] === '5' && /^50*$/.test(rest);
    const away = isTie ? (half === 0 || (half > 0) === (x > 0)) : rest[0] >= '5';
    let kept = BigInt(digits.slice(0, keep) || '0');
    if (away) kept += 1n;
    return Number(`${x < 0 ? '-' : ''}${kept}e${-decimals}`);
  }
  return Number(`${x < 0 ? '-' : ''}${digits}e${Number(power) - 14}`);
}
const rounded = (x, decimals) =>
  [Math.min(x[0], round(x[0], decimals, -1)), Math.max(x[1], round(x[1], decimals, 1))];
const same = (x, y) => x === y || Math.abs(x - y) <= 1e-12 * Math.max(Math.abs(x), Math.abs(y));
/// What a calculator of some ten digits may show for a value.
const seen = x => [x - 1e-11 * Math.abs(x), x + 1e-11 * Math.abs(x)];
const unit = decimals => Math.pow(10, -decimals);
const show = (x, decimals) => {
  const shown = round(x, decimals, 0);
  return (shown === 0 ? 0 : shown).toFixed(decimals);
};

// Formulas: a tree is ['given', n], ['line', n], ['+', [sign, tree] …],
// ['*', tree …], ['/', x, y], ['f', name, x], ['if', condition, then, otherwise],
// or a number.
function point(tree, value) {
  if (typeof tree === 'number') return tree;
  const at = part => point(part, value);
  switch (tree[0]) {
    case 'given': case 'line': return value(tree);
    case '+': {
      let sum = null;
      for (const [sign, part] of tree.slice(1)) {
        const x = at(part);
        sum = sum === null ? (sign < 0 ? -x : x) : sign < 0 ? sum - x : sum + x;
      }
      return sum;
    }
    case '*': return tree.slice(2).reduce((product, part) => product * at(part), at(tree[1]));
    case '/': return at(tree[1]) / at(tree[2]);
    case 'f': return functions[tree[1]][0](at(tree[2]));
    default: return at(tree[1]) > 0 ? at(tree[2]) : at(tree[3]);
  }
}
const corners = (x, y, operation) => {
  const all = [operation(x[0], y[0]), operation(x[0], y[1]), operation(x[1], y[0]), operation(x[1], y[1])];
  if (all.some(Number.isNaN)) return [-Infinity, Infinity];
  return wide(Math.min(...all), Math.max(...all), 1);
};
function interval(tree, value) {
  if (typeof tree === 'number') return [tree, tree];
  const at = part => interval(part, value);
  switch (tree[0]) {
    case 'given': case 'line': return value(tree);
    case '+': {
      let sum = null;
      for (const [sign, part] of tree.slice(1)) {
        let x = at(part);
        if (sign < 0) x = [-x[1], -x[0]];
        sum = sum === null ? x : wide(sum[0] + x[0], sum[1] + x[1], 1);
      }
      return sum;
    }
    case '*':
      return tree.slice(2).reduce((x, part) => corners(x, at(part), (a, b) => a * b), at(tree[1]));
    case '/': {
      const y = at(tree[2]);
      return within(y, 0) ? [-Infinity, Infinity] : corners(at(tree[1]), y, (a, b) => a / b);
    }
    case 'f': {
      const x = at(tree[2]);
      if (tree[1] === 'square') {
        const [low, high] = [x[0] * x[0], x[1] * x[1]];
        return within(x, 0) ? [0, up(Math.max(low, high))] : wide(Math.min(low, high), Math.max(low, high), 1);
      }
      const f = functions[tree[1]][0];
      return wide(f(x[0]), f(x[1]), 2);
    }
    default: {
      const condition = at(tree[1]);
      if (condition[0] > 0) return at(tree[2]);
      return condition[1] <= 0 ? at(tree[3]) : hull(at(tree[2]), at(tree[3]));
    }
  }
}
function quantities(tree, found = []) {
  if (Array.isArray(tree)) {
    if (tree[0] === 'given' || tree[0] === 'line') found.push(tree);
    else for (const part of tree.slice(1)) {
      if (Array.isArray(part)) {
        if (tree[0] === '+') quantities(part[1], found); else quantities(part, found);
      }
    }
  }
  return found;
}
/// Bounds of a formula: what stands in it twice is cut into pieces.
function bounds(tree, value) {
  const counts = new Map();
  for (const one of quantities(tree)) {
    const key = one.join();
    counts.set(key, [one, (counts.get(key) || [0, 0])[1] + 1]);
  }
  const open = [...counts.values()].filter(([, count]) => count > 1).map(([one]) => [one.join(), value(one)])
    .filter(([, x]) => x[1] > x[0] && Number.isFinite(x[0]) && Number.isFinite(x[1]));
  const pieces = [1, 16, 6, 3][open.length] || 1;
  const cut = (rest, value) => {
    if (rest.length === 0) return interval(tree, value);
    const [[key, whole], ...others] = rest;
    const edge = n => n === pieces ? whole[1] : whole[0] + (whole[1] - whole[0]) * (n / pieces);
    let all = null;
    for (let n = 0; n < pieces; n++) {
      const piece = [edge(n), Math.max(edge(n + 1), edge(n))];
      const part = cut(others, one => one.join() === key ? piece : value(one));
      all = all === null ? part : hull(all, part);
    }
    return all;
  };
  return cut(open, value);
}

// What was written.
function read(text) {
  const plain = text.trim().replace(/[−–]/g, '-').replace(',', '.').replace(/\s/g, '');
  if (plain === '') return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return { text, problem: true };
  const value = Number(plain);
  const [mantissa, power] = plain.toLowerCase().split('e');
  const decimals = ((mantissa.split('.')[1] || '').length) - Number(power || 0);
  const digits = mantissa.replace(/^[+-]/, '').replace(/^[0.]+/, '').replace('.', '').length;
  // More decimals than were asked for count; fewer do not.
  return { text: plain, value, digits, decimals: Math.max(stated, decimals) };
}

// The judgement of every line.
function judge(answers) {
  const own = [];
  const at = (part, given) => one => one[0] === 'line' ? part(own[one[1]], one[1]) : given(exercise.givens[one[1]]);
  const exactOf = one => one[0] === 'line' ? exercise.lines[one[1]].exact : exercise.givens[one[1]];
  const number = at(one => one.point, x => x);
  const near = at(one => one.near, x => [x, x]);
  const reaching = at(one => one.reach, x => [x, x]);
  const isZeroWork = line => {
    const products = [];
    const collect = tree => {
      if (!Array.isArray(tree)) return;
      if (tree[0] === '*') products.push(tree);
      if (tree[0] === '+') for (const [, part] of tree.slice(1)) collect(part);
    };
    collect(line.tree);
    return products.length > 0 && products.every(one => point(one, number) === 0)
      && products.some(one => point(one, exactOf) !== 0);
  };
  const canReach = (line, value, decimals) => {
    const open = new Map();
    for (const one of quantities(line.tree)) {
      if (one[0] === 'line' && own[one[1]].unrounded) open.set(one.join(), own[one[1]].unrounded);
    }
    const keys = [...open.keys()];
    if (keys.length > 7) return within(rounded(bounds(line.tree, near), decimals), value);
    for (let choice = 0; choice < 1 << keys.length; choice++) {
      const found = bounds(line.tree, one => {
        const place = keys.indexOf(one.join());
        if (place < 0) return near(one);
        return choice >> place & 1 ? open.get(one.join()) : [number(one), number(one)];
      });
      if (within(rounded(found, decimals), value)) return true;
    }
    return false;
  };
  for (const [place, line] of exercise.lines.entries()) {
    const written = answers[place];
    const reach = bounds(line.tree, reaching);
    const computed = bounds(line.tree, near);
    let tainted = quantities(line.tree).some(one => one[0] === 'line' && own[one[1]].tainted);
    const gives = point(line.tree, number);
    if (!written || written.problem) {
      own.push({ point: gives, near: rounded(computed, stated), unrounded: null,
        reach: rounded(reach, stated), gives, verdict: null, tainted });
      continue;
    }
    const { value, decimals } = written;
    const reachable = rounded(reach, decimals);
    const isOwn = within(rounded(seen(gives), decimals), value)
      || (within(rounded(computed, decimals), value) && canReach(line, value, decimals));
    const isRight = tainted ? within(reachable, value) : isOwn;
    const before = isOwn ? computed : isRight ? reach : null;
    const half = 0.5 * unit(decimals) * (1 + 1e-9);
    let unrounded = null;
    if (before) {
      let guarded = before;
      for (let more = 1; more <= 3; more++) guarded = hull(guarded, rounded(before, decimals + more));
      const [low, high] = [Math.max(guarded[0], value - half), Math.min(guarded[1], value + half)];
      if (low <= high) unrounded = [low, high];
    }
    const nearby = !before ? [value - half, value + half]
      : unrounded ? hull(unrounded, [value, value]) : [value, value];
    let verdict;
    if (isRight) verdict = 'right';
    else if (!isOwn) verdict = 'wrong';
    else if ((gives === 0 && line.exact !== 0) || isZeroWork(line)) verdict = 'carried-trivially';
    else verdict = 'carried';
    tainted = verdict !== 'right';
    own.push({ point: value, near: nearby, unrounded, reach: reachable, gives, verdict, tainted });
  }
  return { own, number, near, reaching };
}

// The mistakes that explain a wrong number.
function slips(right, written) {
  const { value, decimals } = written;
  const found = [];
  if (!Number.isFinite(right)) return found;
  const nearest = round(right, decimals, 0);
  const cut = Math.abs(nearest) <= Math.abs(right) || same(nearest, right) ? nearest
    : round(nearest - Math.sign(right) * unit(decimals), decimals, 0);
  const isRounded = same(nearest, value);
  if (same(cut, value) && !isRounded) found.push('cut-off');
  for (let less = 1; less <= 3 && decimals - less > 0; less++) {
    const coarse = round(right, decimals - less, 0);
    if (coarse !== 0 && same(coarse, value) && !isRounded) { found.push('rounded-too-early'); break; }
  }
  const shown = [1, -1].map(half => {
    const x = round(right, decimals, half);
    return (x === 0 ? 0 : x).toFixed(decimals);
  });
  const digits = text => text.replace(/^-/, '').replace(/^[0.]+/, '').replace('.', '').length;
  if (Math.max(written.digits, digits(shown[0])) > 1) {
    const exchanged = shown.some(text => {
      const letters = [...text];
      const places = letters.map((_, n) => n).filter(n => /\d/.test(letters[n]));
      return places.slice(1).some((second, n) => {
        const first = places[n];
        if (letters[first] === letters[second]) return false;
        const other = [...letters];
        [other[first], other[second]] = [other[second], other[first]];
        return same(Number(other.join('')), value);
      });
    });
    if (exchanged) found.push('digits-transposed');
    if (value !== 0 && right !== 0) {
      const half = 0.5 * unit(decimals) * (1 + 1e-9);
      const slipped = [-3, -2, -1, 1, 2, 3].some(shift => {
        const factor = Math.pow(10, shift);
        const moved = nearest * factor;
        return same(moved, value) || Math.abs(right * factor - value) <= half || Math.abs(moved - value) <= half;
      });
      if (slipped) found.push('decimal-point');
    }
  }
  return found;
}
function diagnose(line, written, judged) {
  const { own, number, near, reaching } = judged;
  const { value, decimals } = written;
  const fits = x => Number.isFinite(x[0]) && Number.isFinite(x[1]) && within(rounded(x, decimals), value);
  const levels = [
    () => {
      const found = line.mistakes.filter(one => fits(seen(point(one.tree, number))));
      const gives = own[exercise.lines.indexOf(line)].gives;
      for (const slip of slips(gives, written)) found.push(exercise.slips[slip]);
      const isTurned = gives !== 0 && same(round(-gives, decimals, 0), value);
      if (isTurned && !found.some(one => ['target-sign', 'sign-lost'].includes(one.id))) {
        found.push(exercise.slips['sign-lost']);
      }
      return found;
    },
    () => {
      const found = line.mistakes.filter(one => fits(bounds(one.tree, near)));
      for (const slip of slips(line.exact, written)) found.push(exercise.slips[slip]);
      if (found.length === 0 && fits(bounds(line.tree, near))) found.push(exercise.slips['rounded-too-early']);
      return found;
    },
    () => line.mistakes.filter(one => fits(bounds(one.tree, reaching))),
  ];
  for (const level of levels) {
    const found = level();
    if (found.length > 0) {
      const kept = [];
      for (const one of found) {
        if (kept.filter(known => known.id === one.id).length < 2 && !kept.some(known => known.text === one.text)) {
          kept.push(one);
        }
      }
      return kept.sort((x, y) => x.rank - y.rank);
    }
  }
  return [];
}

/// Marks all answers, one text for each line that is asked for.
function mark(texts) {
  const answers = exercise.lines.map((line, place) => line.asked ? read(texts[line.id] || '') : null);
  const judged = judge(answers);
  const marked = [];
  for (const [place, line] of exercise.lines.entries()) {
    if (!line.asked) continue;
    const written = answers[place];
    const own = judged.own[place];
    const verdict = own.verdict || 'missing';
    const found = verdict === 'wrong' ? diagnose(line, written, judged) : [];
    marked.push({ id: line.id, line, written, own, verdict, found });
  }
  // Who misunderstands something does so again.
  const made = new Map();
  for (const { found } of marked) {
    if (found.length === 1 && !found[0].slip) made.set(found[0].id, (made.get(found[0].id) || 0) + 1);
  }
  const share = { right: 1, carried: exercise.carried, 'carried-trivially': 0, missing: 0 };
  for (const one of marked) {
    one.found.sort((x, y) => (made.get(y.id) || 0) - (made.get(x.id) || 0) || x.rank - y.rank);
    const part = one.verdict === 'wrong'
      ? Math.max(0, ...one.found.map(found => found.slip ? exercise.slip : exercise.mistake))
      : share[one.verdict];
    one.points = one.line.worth * part;
    one.comment = comment(one);
  }
  return marked;
}
function comment({ line, written, own, verdict, found }) {
  if (written && written.problem) return `“${written.text}” is not a number.`;
  const decimals = written ? written.decimals : stated;
  const right = show(line.exact, decimals);
  const gives = show(own.gives, decimals);
  switch (verdict) {
    case 'right': return '';
    case 'missing': return 'Not answered.';
    case 'carried': return `Right from your own earlier numbers; without the slip it is ${right}.`;
    case 'carried-trivially':
      return `Right from your own earlier numbers, but the slip left nothing to do here; it is ${right}.`;
    default: {
      const capital = text => text[0].toUpperCase() + text.slice(1);
      const named = found.slice(0, 3).map(one => one.text);
      if (found.length > 3) named.push(`${found.length - 3} more explain it as well`);
      const why = named.length > 0 ? named.join('; or ') : 'no usual mistake explains it';
      const from = gives === right ? '' : ` Your own numbers give ${gives}.`;
      return `Should be ${right}.${from} ${capital(why)}.`;
    }
  }
}

// The page.
const field = id => document.getElementById(`answer-${id}`);
const asked = exercise.lines.filter(line => line.asked);
const texts = () => Object.fromEntries(asked.map(line => [line.id, field(line.id).value]));
const words = { right: '✓ right', carried: '↷ right from own', 'carried-trivially': '↷ nothing left to do', wrong: '✗ wrong', missing: '– missing' };
const plainPoints = points => String(Math.round(points * 100) / 100);
function showMarks() {
  const marked = mark(texts());
  for (const one of marked) {
    const row = field(one.id).closest('tr');
    row.dataset.verdict = one.verdict;
    row.querySelector('.verdict').textContent = words[one.verdict];
    row.querySelector('.got').textContent = plainPoints(one.points);
    row.querySelector('.comment').textContent = one.comment.replace(/-(?=[\d.])/g, '−');
  }
  const sum = key => marked.reduce((all, one) => all + (key === 'points' ? one.points : one.line.worth), 0);
  const right = marked.filter(one => one.verdict === 'right').length;
  document.getElementById('outcome').textContent =
    `${right} of ${marked.length} lines right: ${plainPoints(sum('points'))} of ${plainPoints(sum('worth'))} points.`;
  return marked;
}
function clearMarks() {
  for (const row of document.querySelectorAll('tr[data-verdict]')) {
    delete row.dataset.verdict;
    for (const name of ['verdict', 'got', 'comment']) row.querySelector(`.${name}`).textContent = '';
  }
  document.getElementById('outcome').textContent = '';
}
function save() {
  const cell = text => /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  const name = document.getElementById('student').value;
  const rows = [['quantity', 'answer'], ['student', name], ...asked.map(line => [line.id, field(line.id).value.replace(',', '.')])];
  const text = rows.map(row => row.map(cell).join(',')).join('\n') + '\n';
  const link = document.createElement('a');
  link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
  link.download = 'answers.csv';
  link.click();
}
document.getElementById('mark').addEventListener('click', showMarks);
document.getElementById('save').addEventListener('click', save);
document.getElementById('print').addEventListener('click', () => window.print());
for (const line of asked) {
  field(line.id).addEventListener('input', clearMarks);
  field(line.id).addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    const next = asked[asked.indexOf(line) + 1];
    if (next) field(next.id).focus(); else showMarks();
  });
}
