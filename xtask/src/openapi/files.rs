//! Reads and writes text files, with errors that name the file.

use std::fs;
use std::path::Path;

use super::error::{Error, Result};

/// Reads a text file.
///
/// # Errors
/// When it cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| Error::new(format!("cannot be read: {e}")).in_file(path))
}

/// Writes a file and the folders above it, and tells whether its content changed.
///
/// One that is the same already keeps its time stamp, so that builds are not started for nothing.
///
/// # Errors
/// When it cannot be written.
pub fn write_file(path: &Path, text: &str) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    let fail = |e: std::io::Error| Error::new(format!("cannot be written: {e}")).in_file(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    fs::write(path, text).map_err(fail)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn write_file_makes_folders_and_tells_whether_it_wrote() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.txt");
        assert!(write_file(&path, "one").unwrap());
        assert!(!write_file(&path, "one").unwrap());
        assert!(write_file(&path, "two").unwrap());
        assert_eq!(read_text(&path).unwrap(), "two");
        let message = write_file(dir.path(), "x").unwrap_err().to_string();
        assert!(message.contains("cannot be written"), "{message}");
    }
}
