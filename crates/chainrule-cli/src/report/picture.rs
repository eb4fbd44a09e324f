//! SVG as PNG.
//!
//! Texts are set in a font that is part of the program, so that a picture has
//! the same bytes on every machine, also on one without fonts. Only where a
//! text has letters that the font lacks are the machine's own asked.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Makes pictures.
pub(super) struct Renderer {
    own: Arc<fontdb::Database>,
}

/// A part of `DejaVu` Sans; its licence is beside it.
const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-subset.ttf");

/// What it has letters for.
const COVERED: [std::ops::RangeInclusive<char>; 8] = [
    '\u{0}'..='\u{24f}',
    '\u{2b0}'..='\u{3ff}',
    '\u{400}'..='\u{45f}',
    '\u{1e00}'..='\u{20bf}',
    '\u{2100}'..='\u{214f}',
    '\u{2190}'..='\u{2199}',
    '\u{2200}'..='\u{22ff}',
    '\u{fffd}'..='\u{fffd}',
];

/// Pixels for each unit of a drawing: sharp on paper, too.
const SCALE: f32 = 2.0;

impl Default for Renderer {
    fn default() -> Renderer {
        let mut own = fontdb::Database::new();
        own.load_font_data(FONT.to_vec());
        Renderer { own: Arc::new(own) }
    }
}

impl Renderer {
    /// Makes a picture.
    pub(super) fn png(&self, svg: &str) -> Result<Vec<u8>, String> {
        let is_covered = |letter: char| COVERED.iter().any(|range| range.contains(&letter));
        let mut fonts = Arc::clone(&self.own);
        if !svg.chars().all(is_covered) {
            Arc::make_mut(&mut fonts).load_system_fonts();
        }
        let options =
            Options { fontdb: fonts, font_family: "DejaVu Sans".to_string(), ..Options::default() };
        let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
        let size = tree.size().to_int_size().scale_by(SCALE).ok_or("it has no size")?;
        let mut pixels =
            Pixmap::new(size.width(), size.height()).ok_or("it is too large for a picture")?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many pixels are not white.
    fn inked(text: &str) -> usize {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"120\" height=\"30\">\
             <rect width=\"120\" height=\"30\" fill=\"#fff\"/>\
             <text x=\"4\" y=\"22\" font-size=\"20\">{text}</text></svg>"
        );
        let png = Renderer::default().png(&svg).unwrap();
        let pixels = Pixmap::decode_png(&png).unwrap();
        pixels.pixels().iter().filter(|pixel| pixel.red() < 128).count()
    }

    #[test]
    fn texts_are_set_without_fonts_of_the_machine() {
        assert_eq!(inked(""), 0);
        // One letter of each alphabet the plots and tables use.
        for text in ["a", "Å", "−", "σ", "Ж", "⁻", "→", "≤", "Ạ"] {
            assert!(inked(text) > 20, "`{text}` is not drawn");
        }
    }
}
