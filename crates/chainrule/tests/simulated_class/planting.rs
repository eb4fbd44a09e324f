//! A sheet with one mistake in it, and whether its number tells the mistake
//! from a right line, from another mistake, and from another convention.

use std::collections::BTreeSet;

use chainrule::exercise::mistakes::Mistake;

use crate::setting::Setting;
use crate::student::{ALL_VARIANTS, Carry, Entry, Half, Row, Student, Task, VARIANTS, rows};

/// More ways to round a half that nobody can object to.
const ALL_HALVES: [Half; 3] = [Half::Up, Half::Even, Half::Down];
pub(crate) const CARRIES: [Carry; 4] =
    [Carry::Written, Carry::All, Carry::Guarded(1), Carry::Guarded(2)];

/// A sheet with one mistake in it.
pub(crate) struct Planted {
    pub(crate) task: Task,
    pub(crate) setting: Setting,
    pub(crate) mistake: Mistake,
    pub(crate) row: Row,
    pub(crate) sheet: Vec<Entry>,
    /// The number in the row, with the mistake.
    pub(crate) wrong: String,
}

/// Returns the number in a row.
pub(crate) fn text_of(sheet: &[Entry], row: Row) -> String {
    sheet.iter().find(|entry| entry.row == row).expect("it is worked").text.clone()
}

impl Planted {
    /// Plants a mistake somewhere in a random task; `None` where it fits
    /// nowhere.
    pub(crate) fn new(seed: u64, mistake: Mistake) -> Option<Planted> {
        let mut dice = crate::student::Dice::new(seed * 100 + mistake as u64);
        let task = Task::random(&mut dice);
        let setting = Setting::random(&mut dice);
        let variant = dice.below(VARIANTS);
        let mut honest = Student::new(&task, setting.places, setting.half, Carry::Written);
        honest.work(None)?;
        let mut possible = rows(&task);
        possible.retain(|&row| honest.line_again(row, &[mistake], variant).is_some());
        if possible.is_empty() {
            return None;
        }
        let row = possible[dice.below(possible.len())];
        let mut student = Student::new(&task, setting.places, setting.half, Carry::Written);
        let sheet = student.work(Some((row, &[mistake], variant)))?;
        let wrong = text_of(&sheet, row);
        Some(Planted { task, setting, mistake, row, sheet, wrong })
    }

    /// Tells whether somebody without a mistake may write the same number.
    pub(crate) fn is_as_right(&self) -> bool {
        let same = |half, carry| {
            let sheet = Student::new(&self.task, self.setting.places, half, carry).work(None);
            sheet.is_some_and(|sheet| self.is_same(&text_of(&sheet, self.row)))
        };
        ALL_HALVES.into_iter().any(|half| {
            CARRIES.into_iter().chain((0..14).map(Carry::Mixed)).any(|carry| same(half, carry))
        })
    }

    /// Tells whether two texts are one number: where no rounding was stated,
    /// only as exactly as it was written.
    fn is_same(&self, text: &str) -> bool {
        text == self.wrong
    }

    /// Searches for an honest way to the number: what is carried on may be
    /// another thing at every line.
    pub(crate) fn is_reachable(&self) -> bool {
        (0..4000).any(|mix| {
            let half = ALL_HALVES[usize::try_from(mix % 3).expect("small")];
            let carry = Carry::Mixed(mix + 1_000_000);
            let sheet = Student::new(&self.task, self.setting.places, half, carry).work(None);
            sheet.is_some_and(|sheet| self.is_same(&text_of(&sheet, self.row)))
        })
    }

    /// Returns the mistakes that give the number when made in its row alone,
    /// whatever may be carried on to it.
    pub(crate) fn mistakes(&self, carries: &[Carry]) -> BTreeSet<Mistake> {
        let mut found = BTreeSet::new();
        for (half, &carry) in
            ALL_HALVES.into_iter().flat_map(|half| carries.iter().map(move |carry| (half, carry)))
        {
            let mut student = Student::new(&self.task, self.setting.places, half, carry);
            let Some(honest) = student.work(None) else { continue };
            let gives_same = |mistake: Mistake| {
                (0..ALL_VARIANTS).any(|variant| {
                    let made = student.line_again(self.row, &[mistake], variant);
                    made.is_some_and(|(_, text)| self.is_same(&text))
                })
            };
            found.extend(Mistake::ALL.into_iter().filter(|&mistake| gives_same(mistake)));
            if honest.iter().any(|entry| entry.row != self.row && self.is_same(&entry.text)) {
                found.insert(Mistake::OtherLine);
            }
        }
        found
    }

    /// Tells whether the number is right in a task of another convention, from
    /// the numbers on the sheet before it.
    pub(crate) fn is_right_in(&self, other: &Task) -> bool {
        ALL_HALVES.into_iter().any(|half| {
            let mut student = Student::new(other, self.setting.places, half, Carry::Written);
            for row in rows(other) {
                let written = self.sheet.iter().find(|entry| entry.row == row);
                let text = match written {
                    Some(entry) => entry.text.clone(),
                    None => match student.line(row, &[], 0) {
                        Some((_, text)) => text,
                        None => return false,
                    },
                };
                student.numbers.push((row, text.parse().expect("a number")));
            }
            let made = student.line(self.row, &[], 0);
            made.is_some_and(|(_, text)| self.is_same(&text))
        })
    }
}
