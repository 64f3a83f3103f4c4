//! Tables on the terminal: aligned, without frames, the same everywhere.

use comfy_table::{CellAlignment, Table, presets};

/// A table with these headings; empty cells stay empty.
pub(super) fn new(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings.to_vec());
    table
}

/// Aligns these columns to the right, as numbers are.
pub(super) fn align_right(table: &mut Table, columns: &[usize]) {
    for &column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// A size as people read it: `1.4 GB`, in powers of 1,000.
pub(crate) fn bytes(size: i64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if size.abs() < 1_000 {
        return format!("{size} B");
    }
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut size = size as f64;
    let mut unit = "B";
    for next in UNITS {
        if size.abs() < 1_000.0 {
            break;
        }
        size /= 1_000.0;
        unit = next;
    }
    if size.abs() < 10.0 { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_short() {
        for (size, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (12_345, "12 kB"),
            (1_400_000_000, "1.4 GB"),
        ] {
            assert_eq!(super::bytes(size), text);
        }
    }
}
