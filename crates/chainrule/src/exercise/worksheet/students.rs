//! A list of students, as CSV: a column of names, one of numbers, or both.

use super::super::answers::csv;

/// One of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Student {
    /// What they are called.
    pub name: String,
    /// What tells them from others of the same name.
    pub id: Option<String>,
}

/// Why a list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StudentsError {
    /// Nobody is in it.
    #[error("the list of students is empty")]
    Empty,
    /// A line has no name.
    #[error("line {line}: there is no name")]
    Nameless {
        /// The line, from 1.
        line: usize,
    },
    /// Two cannot be told apart.
    #[error("line {line}: `{key}` stands in line {first} already")]
    Twice {
        /// The line, from 1.
        line: usize,
        /// The name or number.
        key: String,
        /// Where it stood first.
        first: usize,
    },
}

impl StudentsError {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            StudentsError::Twice { .. } => {
                Some("a column `id` tells apart two of the same name".to_string())
            }
            StudentsError::Nameless { .. } | StudentsError::Empty => {
                Some("a list has a line for each student; above it may stand `name,id`".to_string())
            }
        }
    }
}

const NAMES: [&str; 4] = ["name", "student", "full name", "fullname"];
const IDS: [&str; 6] = ["id", "number", "student id", "student number", "matriculation", "login"];

impl Student {
    /// Reads a list.
    ///
    /// ```
    /// use chainrule::exercise::worksheet::students::Student;
    ///
    /// let all = Student::list("id;name\n17;Ada Lovelace\n18;Alan Turing\n")?;
    /// assert_eq!((all[1].name.as_str(), all[1].key()), ("Alan Turing", "18"));
    /// # Ok::<(), chainrule::exercise::worksheet::students::StudentsError>(())
    /// ```
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn list(text: &str) -> Result<Vec<Student>, StudentsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines: Vec<(usize, &str)> = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .filter(|(_, line)| !line.trim().is_empty())
            .collect();
        let Some(&(_, first)) = lines.first() else { return Err(StudentsError::Empty) };
        let delimiter = csv::delimiter(first);
        let cells = |line: &str| -> Vec<String> {
            csv::cells(line, delimiter).iter().map(|cell| cell.trim().to_string()).collect()
        };
        let heads: Vec<String> = cells(first).iter().map(|cell| cell.to_lowercase()).collect();
        let column = |known: &[&str]| heads.iter().position(|head| known.contains(&head.as_str()));
        let (name, id) = (column(&NAMES), column(&IDS));
        let has_head = name.is_some() || id.is_some();
        let name = name.or(id).unwrap_or(0);
        let mut all: Vec<Student> = Vec::new();
        let mut keys: Vec<(String, usize)> = Vec::new();
        for &(line, text) in &lines[usize::from(has_head)..] {
            let cells = cells(text);
            let cell = |at: usize| cells.get(at).filter(|cell| !cell.is_empty()).cloned();
            let Some(name) = cell(name) else { return Err(StudentsError::Nameless { line }) };
            let student = Student { name, id: id.and_then(cell) };
            let key = student.key().to_string();
            if let Some((_, first)) = keys.iter().find(|(known, _)| *known == key) {
                return Err(StudentsError::Twice { line, key, first: *first });
            }
            keys.push((key, line));
            all.push(student);
        }
        if all.is_empty() { Err(StudentsError::Empty) } else { Ok(all) }
    }

    /// Returns what tells the student from all others.
    pub fn key(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }

    /// Returns the student as the name of a file, without its ending.
    pub fn file_name(&self) -> String {
        let text = match &self.id {
            Some(id) if *id != self.name => format!("{}-{id}", self.name),
            _ => self.name.clone(),
        };
        let mut name = String::new();
        for letter in text.chars() {
            if letter.is_alphanumeric() || letter == '_' {
                name.extend(letter.to_lowercase());
            } else if !name.ends_with('-') && !name.is_empty() {
                name.push('-');
            }
        }
        let name = name.trim_end_matches('-').to_string();
        if name.is_empty() { "sheet".to_string() } else { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_and_without_a_head() {
        let names = |text: &str| {
            let all = Student::list(text).expect("a list");
            all.into_iter().map(|one| one.file_name()).collect::<Vec<_>>()
        };
        assert_eq!(names("Ada Lovelace\nÅsa O'Neil\n"), ["ada-lovelace", "åsa-o-neil"]);
        assert_eq!(names("name,id\n\"Lovelace, Ada\",../7\n"), ["lovelace-ada-7"]);
        assert_eq!(names("ID\n17\n18\n"), ["17", "18"]);
    }

    #[test]
    fn two_of_a_name_are_refused() {
        let twice = StudentsError::Twice { line: 3, key: "Ada".to_string(), first: 1 };
        assert_eq!(Student::list("Ada\nBen\nAda\n"), Err(twice));
        assert!(Student::list("name,id\nAda,1\nAda,2\n").is_ok());
        assert_eq!(Student::list("\n"), Err(StudentsError::Empty));
        assert_eq!(Student::list("name\n"), Err(StudentsError::Empty));
    }
}
