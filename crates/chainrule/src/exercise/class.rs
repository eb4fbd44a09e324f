//! A class: many marked sheets of one exercise.

use super::mark::Marked;
use super::mistakes::Mistake;

/// Marked sheets, each with the name it goes by.
#[derive(Clone, Debug, Default)]
pub struct Class {
    /// The sheets, by name.
    pub sheets: Vec<(String, Marked)>,
    /// The sheets that nothing could be marked of.
    pub unreadable: Vec<Unreadable>,
}

/// A sheet that cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name it goes by.
    pub name: String,
    /// Why it cannot be read.
    pub reason: String,
}

impl Class {
    /// Returns every mistake that was named first somewhere, with the number
    /// of lines and of sheets it is in; the most frequent first.
    pub fn mistakes(&self) -> Vec<(Mistake, usize, usize)> {
        let mut all: Vec<(Mistake, usize, usize)> = Vec::new();
        for (_, marked) in &self.sheets {
            for (mistake, lines) in marked.mistakes() {
                match all.iter_mut().find(|(known, ..)| *known == mistake) {
                    Some((_, in_lines, in_sheets)) => {
                        *in_lines += lines;
                        *in_sheets += 1;
                    }
                    None => all.push((mistake, lines, 1)),
                }
            }
        }
        all.sort_by_key(|&(mistake, lines, sheets)| {
            (std::cmp::Reverse(sheets), std::cmp::Reverse(lines), mistake)
        });
        all
    }
}
