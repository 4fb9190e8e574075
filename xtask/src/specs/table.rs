//! Tables for the terminal.

use std::fmt::Write as _;

/// Formats rows under a header, in columns as wide as their widest cell; the last column is left ragged.
#[must_use]
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
    let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
    for row in [&header, &rule].into_iter().chain(rows) {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let gap = if i + 1 == row.len() {
                0
            } else {
                width - cell.chars().count() + 2
            };
            let _ = write!(line, "{cell}{:gap$}", "");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Shortens `text` to at most `width` characters.
#[must_use]
pub(super) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars()
        .take(width.saturating_sub(1))
        .chain(['…'])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_aligns_columns() {
        let rows = vec![
            vec!["a".into(), "long cell".into(), "x".into()],
            vec!["bcd".into(), "é".into(), "y".into()],
        ];
        assert_eq!(
            table(&["k", "v", "w"], &rows),
            "k    v          w\n---  ---------  -\na    long cell  x\nbcd  é          y\n"
        );
    }

    #[test]
    fn clip_counts_characters() {
        assert_eq!(clip("ééééé", 3), "éé…");
        assert_eq!(clip("abc", 3), "abc");
    }
}
