//! JSON Lines, one row at a time, so that memory holds a line and never a table of 153 MB.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

use super::source::TABLE_BYTES_MAX;

/// A longer line is refused; the longest of a real table that is read has 65 kB.
const LINE_BYTES_MAX: u64 = 4 << 20;

/// Hands every row to `take`. A table without rows is refused.
pub(super) fn each<T: DeserializeOwned>(
    table: &str,
    input: &mut dyn Read,
    mut take: impl FnMut(T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // What a zip says of a member's size need not be so.
    let mut input = BufReader::new(input.take(TABLE_BYTES_MAX + 1));
    let mut line = Vec::new();
    let (mut bytes, mut number, mut rows) = (0, 0_u64, 0_u64);
    loop {
        line.clear();
        number += 1;
        let about = || format!("reading {table}.jsonl, line {number}");
        let read = input.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line);
        let read = read.with_context(about)? as u64;
        bytes += read;
        if read == 0 {
            break;
        }
        if read > LINE_BYTES_MAX {
            bail!("{table}.jsonl has a line of more than {LINE_BYTES_MAX} bytes, line {number}");
        }
        if bytes > TABLE_BYTES_MAX {
            bail!("{table}.jsonl has more than {TABLE_BYTES_MAX} bytes");
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let row: T = serde_json::from_slice(&line).with_context(about)?;
        take(row).with_context(about)?;
        rows += 1;
    }
    if rows == 0 {
        bail!("{table}.jsonl is empty: this is not all of CCP's static data; get the file again");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Row {
        #[serde(rename = "_key")]
        key: i64,
    }

    fn keys(text: &[u8]) -> anyhow::Result<Vec<i64>> {
        let mut keys = Vec::new();
        each("types", &mut &*text, |row: Row| {
            keys.push(row.key);
            Ok(())
        })?;
        Ok(keys)
    }

    #[test]
    fn rows_are_read_one_by_one_whatever_ends_their_lines() {
        let text = b"{\"_key\":1,\"more\":{\"en\":\"x\"}}\r\n\n{\"_key\":2}";
        assert_eq!(keys(text).unwrap(), [1, 2]);
    }

    #[test]
    fn a_cut_a_wrong_an_endless_and_no_line_are_told_by_table_and_line() {
        let said = |text: &[u8]| format!("{:#}", keys(text).unwrap_err());
        let cut = said(b"{\"_key\":1}\n{\"_ke");
        assert!(cut.starts_with("reading types.jsonl, line 2: "), "{cut}");
        assert!(said(b"{\"key\":1}\n").contains("missing field `_key`"));
        assert!(said(b"\n \n").contains("types.jsonl is empty"));
        let endless = vec![b' '; (LINE_BYTES_MAX + 1) as usize];
        assert!(said(&endless).contains("a line of more than 4194304 bytes"));
    }
}
