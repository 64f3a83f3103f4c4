//! CCP's static data of EVE Online, packed into the binary: what its types and systems are called and belong to.
//!
//! Data only; `noctis_core::catalogue::Catalogue` reads it. The code here is MIT OR Apache-2.0, the data is CCP's
//! (see `README.md` and `LICENSE-CCP.txt`).

use std::io::Read;

/// CCP's build number of the types, groups and categories.
pub const BUILD: &str = "3650286";

/// The day CCP published that build.
pub const DATE: &str = "2026-10-26";

/// CCP's licence agreement, which each host of the data accepts for himself.
pub const LICENSE: &str = include_str!("../LICENSE-CCP.txt");

/// Larger static data than this is refused: it would be damaged, today's is a twentieth of it.
const TEXT_BYTES_MAX: u64 = 64 << 20;

/// `examples/pack.rs` writes it.
static PACKED: &[u8] = include_bytes!("../data/static.txt.zst");

/// The static data as text: a section a table, opened by `@table columns…`, one tab-separated row a line, in id order.
///
/// About 3 MB; unpacking takes some milliseconds.
pub fn text() -> String {
    let mut text = String::new();
    zstd::Decoder::new(PACKED)
        .and_then(|decoder| decoder.take(TEXT_BYTES_MAX).read_to_string(&mut text))
        .expect("the packed data is part of this crate and a test unpacks it");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_data_unpacks_and_names_its_build() {
        let text = text();
        assert!(text.starts_with(&format!("@build\t{BUILD}\t{DATE}\n")));
        assert!(text.ends_with('\n'));
        assert!((text.len() as u64) < TEXT_BYTES_MAX / 10);
    }

    #[test]
    fn the_packed_data_is_about_a_megabyte() {
        assert!(PACKED.len() < 1 << 20, "{} bytes", PACKED.len());
    }
}
