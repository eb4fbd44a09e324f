//! Pages as PDF, set by Typst, which is part of the program where the feature
//! `pdf` is on. Nothing is read or loaded: the fonts are built in.

use crate::failure::Failure;

/// Whether the program can write PDF.
pub(crate) const IS_BUILT_IN: bool = cfg!(feature = "pdf");

/// Says how to get a program that writes PDF.
#[cfg(not(feature = "pdf"))]
pub(crate) fn of_typst(_text: String) -> Result<Vec<u8>, Failure> {
    Err(Failure::Work {
        message: "this program was built without PDF".to_string(),
        help: Some(
            "build it with `cargo install --features pdf` (or `full`), or choose `--format latex`"
                .to_string(),
        ),
    })
}

#[cfg(feature = "pdf")]
pub(crate) use built_in::of_typst;

#[cfg(feature = "pdf")]
mod built_in {
    use typst::diag::{FileError, FileResult};
    use typst::foundations::{Bytes, Datetime, Duration};
    use typst::syntax::{FileId, Source};
    use typst::text::{Font, FontBook};
    use typst::utils::LazyHash;
    use typst::{Library, LibraryExt, World};
    use typst_layout::PagedDocument;
    use typst_pdf::PdfOptions;

    use super::Failure;

    /// A document and its fonts; there are no other files.
    struct Page {
        library: LazyHash<Library>,
        book: LazyHash<FontBook>,
        fonts: Vec<Font>,
        source: Source,
    }

    /// Makes a PDF of a Typst document.
    pub(crate) fn of_typst(text: String) -> Result<Vec<u8>, Failure> {
        let fonts: Vec<Font> =
            typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
        let page = Page {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            source: Source::detached(text),
        };
        let failed = |error: String| Failure::Work {
            message: format!("the page cannot be set: {error}"),
            help: Some("a name or title may hold what no page can: try `--format markdown`".into()),
        };
        let first = |all: typst::ecow::EcoVec<typst::diag::SourceDiagnostic>| {
            all.first().map_or(String::new(), |one| one.message.to_string())
        };
        let document = typst::compile::<PagedDocument>(&page)
            .output
            .map_err(|errors| failed(first(errors)))?;
        typst_pdf::pdf(&document, &PdfOptions::default()).map_err(|errors| failed(first(errors)))
    }

    impl World for Page {
        fn library(&self) -> &LazyHash<Library> {
            &self.library
        }

        fn book(&self) -> &LazyHash<FontBook> {
            &self.book
        }

        fn main(&self) -> FileId {
            self.source.id()
        }

        fn source(&self, id: FileId) -> FileResult<Source> {
            if id == self.source.id() {
                Ok(self.source.clone())
            } else {
                Err(FileError::AccessDenied)
            }
        }

        fn file(&self, _: FileId) -> FileResult<Bytes> {
            Err(FileError::AccessDenied)
        }

        fn font(&self, index: usize) -> Option<Font> {
            self.fonts.get(index).cloned()
        }

        fn today(&self, _: Option<Duration>) -> Option<Datetime> {
            None
        }
    }
}
