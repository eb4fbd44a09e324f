//! What `mark` reads: the exercise, the points, and the sheet of answers to
//! fill in.

use super::Worksheet;
use crate::example::write::quoted;
use crate::exercise::answers::Format;
use crate::exercise::in_step::InStep;
use crate::exercise::report::{csv_cell, points};
use crate::explain::formula::plain;

impl Worksheet {
    /// Returns the exercise as a network file.
    pub fn exercise(&self) -> String {
        format!("# The exercise of seed {}.\n{}", self.seed, self.example.to_toml())
    }

    /// Returns the points as a scheme.
    pub fn scheme_file(&self) -> String {
        let scheme = self.scheme();
        let names = &self.example.names;
        let mut out = String::new();
        out.push_str("# Points of a line, and the share that is left of them.\n");
        for (key, value, remark) in [
            ("each", scheme.each, "points of a line"),
            ("carried", scheme.carried, "right from one's own earlier numbers"),
            ("slip", scheme.slip, "a slip of rounding or copying"),
            ("mistake", scheme.mistake, "a mistake of method"),
        ] {
            let setting = format!("{key} = {}", plain(value));
            out.push_str(&format!("{setting:<16} # {remark}\n"));
        }
        if scheme.steps > 1 {
            out.push_str(&format!("steps = {}\n", scheme.steps));
        }
        out.push_str("asked = [\n");
        for &quantity in &self.asked {
            out.push_str(&format!("    {},\n", quoted(&names.id(quantity))));
        }
        out.push_str("]\n\n[points]\n");
        for (kind, points) in &scheme.kinds {
            out.push_str(&format!("{kind} = {}\n", plain(*points)));
        }
        for &(quantity, points) in &scheme.single {
            out.push_str(&format!("{} = {}\n", quoted(&names.id(quantity)), plain(points)));
        }
        out
    }

    /// Returns the sheet of answers to fill in; where a mistake is to be found,
    /// the numbers of the worked solution stand in it.
    pub fn answers(&self, format: Format) -> String {
        let numbers = self.numbers(true);
        let rounding = self.rounding();
        self.answer_sheet(format, &|at| {
            let number = numbers.iter().find(|&&(one, _)| one == at);
            match (self.planted.is_some(), number) {
                (true, Some(&(_, value))) => rounding.show(value),
                _ => String::new(),
            }
        })
    }

    /// Returns a sheet of answers with a number for each line.
    pub fn answer_sheet(&self, format: Format, number: &dyn Fn(InStep) -> String) -> String {
        let names = &self.example.names;
        let student = self.student.as_ref().map_or("", |student| student.name.as_str());
        let lines = self.lines().map(|at| {
            let what = super::description(&self.example, at);
            (at.id(names), number(at), what)
        });
        let mut out = String::new();
        match format {
            Format::Csv => {
                out.push_str(&format!("quantity,answer\nstudent,{}\n", csv_cell(student)));
                for (id, number, _) in lines {
                    out.push_str(&format!("{},{number}\n", csv_cell(&id)));
                }
            }
            Format::Toml => {
                out.push_str(&format!("student = {}\n", quoted(student)));
                for (id, number, what) in lines {
                    let number = if number.is_empty() { "\"\"".to_string() } else { number };
                    out.push_str(&format!("{} = {number}  # {what}\n", quoted(&id)));
                }
            }
            Format::Json => {
                let all: Vec<String> = [("student".to_string(), student.to_string())]
                    .into_iter()
                    .chain(lines.map(|(id, number, _)| (id, number)))
                    .map(|(id, number)| {
                        format!("  {}: {}", serde_json::json!(id), serde_json::json!(number))
                    })
                    .collect();
                out.push_str(&format!("{{\n{}\n}}\n", all.join(",\n")));
            }
            Format::Markdown => {
                out.push_str("| quantity | answer | what it is |\n| :--- | ---: | :--- |\n");
                out.push_str(&format!("| student | {student} | |\n"));
                for (id, number, what) in lines {
                    out.push_str(&format!("| `{id}` | {number} | {what} |\n"));
                }
            }
        }
        out
    }
}

/// Returns the key of all sheets as a table: every number asked for, with the
/// range that is accepted.
pub fn key(sheets: &[Worksheet]) -> String {
    let mut out = String::from("student,id,seed,quantity,answer,low,high,points\n");
    for sheet in sheets {
        let (name, id) = match &sheet.student {
            None => ("", ""),
            Some(student) => (student.name.as_str(), student.id.as_deref().unwrap_or("")),
        };
        let rounding = sheet.rounding();
        let scheme = sheet.scheme();
        let numbers = sheet.numbers(false);
        for ((at, range), (_, answer)) in sheet.accepted().into_iter().zip(numbers) {
            let cells = [
                csv_cell(name),
                csv_cell(id),
                sheet.seed.to_string(),
                csv_cell(&at.id(&sheet.example.names)),
                rounding.show(answer),
                rounding.show(range.low()),
                rounding.show(range.high()),
                points(scheme.worth(at.quantity)),
            ];
            out.push_str(&cells.join(","));
            out.push('\n');
        }
    }
    out
}
